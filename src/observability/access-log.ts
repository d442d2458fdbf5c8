import type { AccessLogConfig } from '../config/access-log.ts';
import { createJsonLine } from './access-json.ts';
import { combinedLine, mainExtLine } from './access-text.ts';
import type { LineSink } from './line-sink.ts';

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
      return createJsonLine();
    }
  }
}
