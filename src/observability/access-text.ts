import type { AccessRecord, AccessRequest } from './access-log.ts';
import { nginxEscaped } from './nginx-escape.ts';

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

const unknown: AccessRequest = Object.freeze({
  ...{ line: '', referer: '', userAgent: '', forwardedFor: '', host: '', isHttp2: false },
  ...{ upstreamStatus: 0, upstreamMs: 0, cacheStatus: '' },
});

/** The format `combined` of NGINX. */
export function combinedLine(record: AccessRecord): string {
  const { referer, userAgent } = record.request ?? unknown;
  return `${beginning(record)} "${nginxEscaped(referer)}" "${nginxEscaped(userAgent)}"`;
}

/**
 * `main_ext`: what `combined` has, and the upstream's side of it. A variable that has no value is `-`; times are in
 * seconds.
 */
export function mainExtLine(record: AccessRecord): string {
  const request = record.request ?? unknown;
  const { cacheStatus, forwardedFor, host, isHttp2, referer, userAgent } = request;
  const isAsked = record.upstream !== null;
  // One that gave no answer is in the place of what the client was told of it.
  const upstreamStatus = request.upstreamStatus === 0 ? record.status : request.upstreamStatus;
  const upstream = isAsked
    ? `ua="${nginxEscaped(record.upstream ?? '')}" us="${upstreamStatus}" ut="${seconds(request.upstreamMs)}" ul="${record.bytesOut}"`
    : 'ua="-" us="-" ut="-" ul="-"';
  return (
    `${beginning(record)} "${nginxEscaped(referer)}" "${isHttp2 ? 'h2' : ''}"` +
    ` "${nginxEscaped(userAgent)}" "${nginxEscaped(forwardedFor)}" "${nginxEscaped(host)}"` +
    ` sn="${nginxEscaped(record.listener)}" rt=${seconds(record.durationMs)} ${upstream}` +
    ` cs=${cacheStatus === '' ? '-' : cacheStatus} ${record.requestId}`
  );
}

function beginning({ bytesOut, client, request, status, timeMs, user }: AccessRecord): string {
  const line = nginxEscaped(request?.line ?? '');
  return (
    `${nginxEscaped(client)} - ${nginxEscaped(user ?? '')} [${localTime(timeMs)}]` +
    ` "${line}" ${String(status).padStart(3, '0')} ${bytesOut}`
  );
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(3);
}

let second = Number.NaN;
let text = '';

/** `22/Nov/2026:08:45:00 +0000`, made once a second. */
function localTime(timeMs: number): string {
  const whole = Math.floor(timeMs / 1000);
  if (whole === second) return text;
  second = whole;
  const date = new Date(whole * 1000);
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const zone = -date.getTimezoneOffset();
  const away = Math.abs(zone);
  text =
    `${two(date.getDate())}/${months[date.getMonth()] ?? ''}/${date.getFullYear()}` +
    `:${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}` +
    ` ${zone < 0 ? '-' : '+'}${two(away / 60)}${two(away % 60)}`;
  return text;
}
