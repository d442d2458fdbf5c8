import type { LogConfig } from '../config/log.ts';
import type { Clock } from '../lib/clock.ts';
import { escapeControls, quote } from './json-text.ts';
import type { LineSink } from './line-sink.ts';

/** From most to least talkative; a level silences those before it. */
const levels = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof levels)[number];

/** What an event line says beside time, level and event. Never a secret, a token, a cookie or a password. */
export type LogFields = Readonly<Record<string, LogValue>> & {
  readonly [Fixed in 'time' | 'level' | 'event']?: never;
};

export type LogValue = string | number | boolean | null | undefined | readonly string[];

/** One line an event. `event` is a fixed dotted name; what varies goes into the fields. */
export type LogEvent = (event: string, fields?: LogFields) => void;

export type Log = Readonly<Record<LogLevel, LogEvent>>;

const silent: LogEvent = () => {};

/** A silenced level is an empty function, so that a call to it costs nothing. */
export function createLog(
  config: LogConfig,
  sink: Pick<LineSink, 'write'>,
  clock: Clock,
  /** Of every line, before its own. */
  constant: LogFields = {},
): Log {
  const render = config.format === 'json' ? renderJson : renderPretty;
  const least = levels.indexOf(config.level);
  const at = (level: LogLevel): LogEvent => {
    if (levels.indexOf(level) < least) return silent;
    return (event, fields = {}) => {
      const all = { ...constant, ...fields };
      sink.write(render(new Date(clock.now()).toISOString(), level, event, all));
    };
  };
  return Object.freeze({
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  });
}

/** For parts that are used without a log. */
export const silentLog: Log = Object.freeze({
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
});

function renderJson(time: string, level: LogLevel, event: string, fields: LogFields): string {
  return escapeControls(JSON.stringify({ time, level, event, ...fields }));
}

/** For a person at a terminal: `12:00:00.000 WARN  event key=value`. Values that are not plain words are quoted. */
function renderPretty(time: string, level: LogLevel, event: string, fields: LogFields): string {
  const words = [time.slice(11, -1), level.toUpperCase().padEnd(5), plain(event)];
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) words.push(`${plain(key)}=${plain(value)}`);
  }
  return words.join(' ');
}

function plain(value: LogValue): string {
  if (typeof value === 'string') return /^[\w.:@/+-]+$/.test(value) ? value : quote(value);
  return escapeControls(JSON.stringify(value));
}
