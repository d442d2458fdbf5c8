import type { AccessLogConfig } from '../config/access-log.ts';
import { combinedLine, mainExtLine } from './access-text.ts';
import { quote } from './json-text.ts';
import type { LineSink } from './line-sink.ts';
import { QuoteMemo } from './quote-memo.ts';

/** How an exchange ended. */
export type AccessOutcome =
  | 'ok'
  | 'client-abort'
  | `refused:${string}`
  | `upstream:${string}`
  | `cut:${string}`;

/** One exchange, as the access log tells it. No query, no cookie, no token: those hold secrets. */
export interface AccessRecord {
  /** Milliseconds since 1970, when the head had come. */
  readonly timeMs: number;
  readonly requestId: string;
  /** Of W3C Trace Context; empty: nobody made one. */
  readonly traceId: string;
  /** The client's address. */
  readonly client: string;
  readonly listener: string;
  readonly method: string;
  /** Canonical; empty where the target was refused. */
  readonly path: string;
  readonly route: string | null;
  /** 0 where none was sent. */
  readonly status: number;
  /** Of the bodies, as they came and went. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  /** `host:port` of the server that was asked. */
  readonly upstream: string | null;
  /** The principal's subject. */
  readonly user: string | null;
  /** `sessionTagOf` the session. */
  readonly session: string | null;
  readonly outcome: AccessOutcome;
  /** Null where nobody writes it down. */
  readonly request: AccessRequest | null;
}

/** More of a request, for formats that tell more: it may hold secrets that clients put into addresses. */
export interface AccessRequest {
  /** As it came, with its query. */
  readonly line: string;
  readonly referer: string;
  readonly userAgent: string;
  readonly forwardedFor: string;
  /** Without port. */
  readonly host: string;
  readonly isHttp2: boolean;
  /** 0: no answer. */
  readonly upstreamStatus: number;
  /** From when it was sent to when all was over. */
  readonly upstreamMs: number;
  /** Of the token cache. */
  readonly cacheStatus: string;
}

/** Written once per exchange, whatever became of it. */
export interface AccessLog {
  /** False: `write` does nothing, and nobody needs to make a record. */
  readonly isEnabled: boolean;
  /** Whether records are to have a `request`. */
  readonly wantsRequest: boolean;
  /** Lines that were given up because nobody took them. */
  readonly lostLines: number;
  write(record: AccessRecord): void;
  /** Goes on in the file that has the path now. Throws where there can be none. */
  reopen(): void;
  stop(): Promise<void>;
}

const disabled: AccessLog = Object.freeze({
  isEnabled: false,
  wantsRequest: false,
  lostLines: 0,
  write: () => {},
  reopen: () => {},
  stop: () => Promise.resolve(),
});

/** Throws when the file cannot be opened. */
export function createAccessLog(
  config: AccessLogConfig,
  openSink: (target: number | string) => LineSink & { reopen(): void; stop(): Promise<void> },
): AccessLog {
  if (!config.isEnabled) return disabled;
  const sink = openSink(config.path === '-' ? 1 : config.path);
  const render = rendererOf(config.format);
  return {
    isEnabled: true,
    wantsRequest: config.format !== 'json',
    get lostLines() {
      return sink.lostLines;
    },
    write: (record) => {
      sink.write(render(record));
    },
    reopen: () => sink.reopen(),
    stop: () => sink.stop(),
  };
}

function rendererOf(format: AccessLogConfig['format']): (record: AccessRecord) => string {
  switch (format) {
    case 'combined':
      return combinedLine;
    case 'main_ext':
      return mainExtLine;
    case 'json': {
      return createJsonText();
    }
  }
}

/**
 * By hand, because the shape never changes: a fraction of what JSON.stringify costs. Ids are ours, and need no escapes; what
 * comes from the configuration is mostly what it was in the line before.
 */
function createJsonText(): (record: AccessRecord) => string {
  const timeOf = createTimeText();
  const [listeners, methods, routes] = [new QuoteMemo(), new QuoteMemo(), new QuoteMemo()];
  const [upstreams, outcomes] = [new QuoteMemo(), new QuoteMemo()];
  return (record) => {
    const { requestId, route, traceId, upstream, user, session } = record;
    return (
      `{"time":"${timeOf(record.timeMs)}","requestId":"${requestId}"` +
      `,"traceId":${traceId === '' ? 'null' : `"${traceId}"`},"client":${quote(record.client)}` +
      `,"listener":${listeners.of(record.listener)},"method":${methods.of(record.method)}` +
      `,"path":${quote(record.path)},"route":${route === null ? 'null' : routes.of(route)}` +
      `,"status":${record.status},"bytesIn":${record.bytesIn},"bytesOut":${record.bytesOut}` +
      `,"durationMs":${millisecondsText(record.durationMs)}` +
      `,"upstream":${upstream === null ? 'null' : upstreams.of(upstream)}` +
      `,"user":${user === null ? 'null' : quote(user)}` +
      `,"session":${session === null ? 'null' : `"${session}"`}` +
      `,"outcome":${outcomes.of(record.outcome)}}`
    );
  };
}

/** With three digits behind the point: integers are written faster than fractions. */
function millisecondsText(milliseconds: number): string {
  const micros = Math.round(milliseconds * 1000);
  const whole = Math.floor(micros / 1000);
  const rest = micros - whole * 1000;
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`;
}

/** ISO 8601 with milliseconds. The part down to the second is made once a second. */
function createTimeText(): (timeMs: number) => string {
  let second = Number.NaN;
  let prefix = '';
  return (timeMs) => {
    const whole = Math.floor(timeMs / 1000);
    if (whole !== second) {
      second = whole;
      prefix = new Date(whole * 1000).toISOString().slice(0, 20);
    }
    const ms = Math.floor(timeMs - whole * 1000);
    return `${prefix}${ms < 10 ? '00' : ms < 100 ? '0' : ''}${ms}Z`;
  };
}
