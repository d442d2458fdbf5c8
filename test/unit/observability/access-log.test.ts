import { describe, expect, it } from 'vitest';
import { createAccessLog, type AccessRecord } from '../../../src/observability/access-log.ts';
import { sessionTagOf } from '../../../src/observability/session-tag.ts';

const record: AccessRecord = {
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  requestId: '0123456789abcdef0123456789abcdef',
  client: '127.0.0.1',
  listener: 'edge',
  method: 'GET',
  path: '/api/echo',
  route: 'edge/4',
  status: 200,
  bytesIn: 0,
  bytesOut: 22,
  durationMs: 1.23456,
  upstream: '127.0.0.1:9000',
  user: 'user1',
  session: '89abcdef',
  outcome: 'ok',
};

function lines(...records: AccessRecord[]): string[] {
  const written: string[] = [];
  const sink = {
    write: (line: string) => void written.push(line),
    lostLines: 0,
    stop: async () => {},
  };
  const log = createAccessLog({ isEnabled: true, path: '-' }, () => sink);
  for (const one of records) log.write(one);
  return written;
}

describe('the access log', () => {
  it('is one JSON line an exchange, with every field in its place', () => {
    const [line = ''] = lines(record);
    const { timeMs: _, ...rest } = record;
    expect(JSON.parse(line)).toEqual({
      time: '2026-01-02T03:04:05.006Z',
      ...rest,
      durationMs: 1.235,
    });
    expect(Object.keys(JSON.parse(line))[0]).toBe('time');
  });

  it('says null for what there was not', () => {
    const nothing = { route: null, upstream: null, user: null, session: null };
    const [line = ''] = lines({ ...record, ...nothing, outcome: 'client-abort', status: 0 });
    expect(JSON.parse(line)).toMatchObject({ ...nothing, outcome: 'client-abort', status: 0 });
  });

  it('cannot be made to write a second line or another field', () => {
    const evil = '/a"}\r\n{"status":200,"\u0085\u2028\\';
    const written = lines({ ...record, path: evil, user: evil, method: evil, client: evil });
    expect(written).toHaveLength(1);
    // eslint-disable-next-line no-control-regex -- controls are what this is about
    expect(written[0]).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
    expect(JSON.parse(written[0] ?? '')).toMatchObject({ path: evil, user: evil, status: 200 });
  });

  it('tells the time to the millisecond as it passes, also when it is set back', () => {
    const at = (timeMs: number): AccessRecord => ({ ...record, timeMs });
    const times = lines(at(1_000), at(1_999.9), at(2_000), at(59_010), at(1_000)).map(
      (line): unknown => JSON.parse(line).time,
    );
    expect(times).toEqual([
      '1970-01-01T00:00:01.000Z',
      '1970-01-01T00:00:01.999Z',
      '1970-01-01T00:00:02.000Z',
      '1970-01-01T00:00:59.010Z',
      '1970-01-01T00:00:01.000Z',
    ]);
  });

  it('opens nothing and writes nothing when it is switched off', async () => {
    const log = createAccessLog({ isEnabled: false, path: '/nowhere/log' }, () => {
      throw new Error('opened');
    });
    log.write(record);
    await log.stop();
    expect(log.isEnabled).toBe(false);
  });

  it('goes to standard output or to a file', () => {
    const opened: (number | string)[] = [];
    const open = (target: number | string) => {
      opened.push(target);
      return { write: () => {}, lostLines: 0, stop: async () => {} };
    };
    createAccessLog({ isEnabled: true, path: '-' }, open);
    createAccessLog({ isEnabled: true, path: '/var/log/access' }, open);
    expect(opened).toEqual([1, '/var/log/access']);
  });
});

describe('the tag of a session', () => {
  it('is 8 hex digits of a hash, the same for the same session', () => {
    const session = { id: '00'.repeat(16) };
    expect(sessionTagOf(session)).toMatch(/^[0-9a-f]{8}$/);
    expect(sessionTagOf(session)).toBe(sessionTagOf({ ...session }));
    expect(sessionTagOf(session)).not.toBe(sessionTagOf({ id: '01'.repeat(16) }));
    expect(session.id).not.toContain(sessionTagOf(session));
  });
});
