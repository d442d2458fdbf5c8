import type { AccessRecord } from './access-log.ts';
import { quote } from './json-text.ts';
import { LineMemo } from './line-memo.ts';

/**
 * By hand, because the shape never changes: a fraction of what JSON.stringify costs. Ids are ours, and need no escapes.
 * Everything else but the time it took is mostly what it was in a line before.
 */
export function createJsonLine(): (record: AccessRecord) => string {
  const beginning = createBeginning();
  const who = new LineMemo(
    (client: string, listener: string, method: string) =>
      `,"client":${quote(client)},"listener":${quote(listener)},"method":${quote(method)}`,
  );
  const where = new LineMemo(
    (path: string, route: string | null) => `,"path":${quote(path)},"route":${orNull(route)}`,
  );
  const sizes = new LineMemo(
    (status: number, bytesIn: number, bytesOut: number) =>
      `,"status":${status},"bytesIn":${bytesIn},"bytesOut":${bytesOut},"durationMs":`,
  );
  const upstreams = new LineMemo((name: string | null) => `,"upstream":${orNull(name)},"user":`);
  const endings = new LineMemo((outcome: string) => `,"outcome":${quote(outcome)}}`);
  return (record) => {
    const { requestId, traceId, user, session } = record;
    return (
      beginning(record.timeMs) +
      requestId +
      (traceId === '' ? '","traceId":null' : `","traceId":"${traceId}"`) +
      who.of(record.client, record.listener, record.method) +
      where.of(record.path, record.route, null) +
      sizes.of(record.status, record.bytesIn, record.bytesOut) +
      millisecondsText(record.durationMs) +
      upstreams.of(record.upstream, null, null) +
      (user === null ? 'null' : quote(user)) +
      (session === null ? ',"session":null' : `,"session":"${session}"`) +
      endings.of(record.outcome, null, null)
    );
  };
}

function orNull(text: string | null): string {
  return text === null ? 'null' : quote(text);
}

/** Not below zero. With three digits behind the point: integers are written faster than fractions. */
function millisecondsText(milliseconds: number): string {
  const micros = Math.max(0, Math.round(milliseconds * 1000));
  const whole = Math.floor(micros / 1000);
  const rest = micros - whole * 1000;
  return `${whole}${digitsBehindPoint[rest] ?? ''}`;
}

const digitsBehindPoint = Array.from(
  { length: 1000 },
  (_, rest) => `.${String(rest).padStart(3, '0')}`,
);

/** Down to the id of the request. ISO 8601 with milliseconds; made once a millisecond, down to the second once a second. */
function createBeginning(): (timeMs: number) => string {
  let second = Number.NaN;
  let prefix = '';
  const millisecond = new LineMemo(
    (whole: number, ms: number) =>
      `{"time":"${prefixOf(whole)}${String(ms).padStart(3, '0')}Z","requestId":"`,
  );
  function prefixOf(whole: number): string {
    if (whole !== second) {
      second = whole;
      prefix = new Date(whole * 1000).toISOString().slice(0, 20);
    }
    return prefix;
  }
  return (timeMs) => {
    const whole = Math.floor(timeMs / 1000);
    return millisecond.of(whole, Math.floor(timeMs - whole * 1000), null);
  };
}
