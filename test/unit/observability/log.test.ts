import { describe, expect, it } from 'vitest';
import type { LogConfig } from '../../../src/config/log.ts';
import { errorFields } from '../../../src/observability/error-fields.ts';
import { createLog, silentLog, type Log } from '../../../src/observability/log.ts';

const clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), monotonic: () => 0 };

function recorded(config: Partial<LogConfig> = {}): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const sink = { write: (line: string) => lines.push(line) };
  return { log: createLog({ level: 'info', format: 'json', ...config }, sink, clock), lines };
}

describe('the log', () => {
  it('writes one JSON line an event: time, level, event, fields', () => {
    const { log, lines } = recorded();
    log.warn('store.slow', { tookMs: 12, isRetried: false, store: 'memory', cause: undefined });
    expect(lines).toEqual([
      '{"time":"2026-01-02T03:04:05.006Z","level":"warn","event":"store.slow","tookMs":12,"isRetried":false,"store":"memory"}',
    ]);
  });

  it('says nothing below its level', () => {
    const { log, lines } = recorded({ level: 'warn' });
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines).toHaveLength(2);
    silentLog.error('e');
  });

  const evil = 'a"\r\n{"level":"error"}\u001b[2J\u009b31m\u007f\u2028\u0000';

  it.each(['json', 'pretty'] as const)('cannot be made to write a second line: %s', (format) => {
    const { log, lines } = recorded({ format });
    log.info('login', { subject: evil, list: [evil] });
    expect(lines).toHaveLength(1);
    // eslint-disable-next-line no-control-regex -- controls are what this is about
    expect(lines[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
  });

  it('gives back in JSON exactly what it was given', () => {
    const { log, lines } = recorded();
    log.info('login', { subject: evil });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ subject: evil, level: 'info' });
  });

  it('is readable where a person reads it', () => {
    const { log, lines } = recorded({ format: 'pretty' });
    log.info('listening', { address: '127.0.0.1:8081', note: 'two words', nothing: null });
    expect(lines).toEqual([
      '03:04:05.006 INFO  listening address=127.0.0.1:8081 note="two words" nothing=null',
    ]);
  });

  it('tells of an error its name, code and message', () => {
    const error = Object.assign(new TypeError('no'), { code: 'E_NO' });
    expect(errorFields(error)).toEqual({ error: 'TypeError', code: 'E_NO', message: 'no' });
    expect(errorFields('thrown')).toEqual({ error: 'thrown' });
  });
});
