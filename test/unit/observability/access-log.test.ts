import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccessLog, type AccessRecord } from '../../../src/observability/access-log.ts';
import { sessionTagOf } from '../../../src/observability/session-tag.ts';

const record: AccessRecord = {
  timeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 6),
  requestId: '0123456789abcdef0123456789abcdef',
  traceId: 'fedcba9876543210fedcba9876543210',
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
  request: null,
};

function lines(...records: AccessRecord[]): string[] {
  return linesIn('json', ...records);
}

function linesIn(format: 'json' | 'combined' | 'main_ext', ...records: AccessRecord[]): string[] {
  const written: string[] = [];
  const sink = {
    write: (line: string) => void written.push(line),
    lostLines: 0,
    reopen: () => {},
    stop: async () => {},
  };
  const log = createAccessLog({ isEnabled: true, path: '-', format }, () => sink);
  for (const one of records) log.write(one);
  return written;
}

describe('the access log', () => {
  it('is one JSON line an exchange, with every field in its place', () => {
    const [line = ''] = lines(record);
    const { timeMs: _, request: __, ...rest } = record;
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

  it('tells each exchange by itself, whatever it remembers of those before', () => {
    const choices = {
      client: ['127.0.0.1', '2001:db8::1'],
      listener: ['edge', 'inner'],
      method: ['GET', 'POST'],
      path: ['/a', '/a"b', '/\u2028'],
      route: ['edge/1', null],
      status: [200, 0],
      bytesIn: [0, 7],
      bytesOut: [13, 7],
      upstream: ['127.0.0.1:1', null],
      user: ['user1', 'us"er', null],
      session: ['89abcdef', null],
      outcome: ['ok', 'client-abort'],
    } as const;
    const oneOf = fc.record(
      Object.fromEntries(
        Object.entries(choices).map(([name, values]) => [name, fc.constantFrom(...values)]),
      ),
    );
    fc.assert(
      fc.property(fc.array(oneOf, { minLength: 1, maxLength: 30 }), (some) => {
        const records = some.map((one): AccessRecord => ({ ...record, ...one }));
        const told = lines(...records).map((line): unknown => JSON.parse(line));
        const { request: _, timeMs: __, ...rest } = record;
        const usual = { ...rest, time: '2026-01-02T03:04:05.006Z', durationMs: 1.235 };
        expect(told).toEqual(some.map((one) => ({ ...usual, ...one })));
      }),
    );
  });

  it.each([
    [0, 0],
    [0.0004, 0],
    [0.0005, 0.001],
    [0.9996, 1],
    [12.05, 12.05],
    [65_432.1994, 65_432.199],
  ])('rounds the %s ms that it took to microseconds', (durationMs, told) => {
    expect(JSON.parse(lines({ ...record, durationMs })[0] ?? '')).toMatchObject({
      durationMs: told,
    });
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
    const log = createAccessLog({ isEnabled: false, path: '/nowhere/log', format: 'json' }, () => {
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
      return { write: () => {}, lostLines: 0, reopen: () => {}, stop: async () => {} };
    };
    createAccessLog({ isEnabled: true, path: '-', format: 'json' }, open);
    createAccessLog({ isEnabled: true, path: '/var/log/access', format: 'json' }, open);
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

describe('the formats of NGINX', () => {
  const told: AccessRecord = {
    ...record,
    user: null,
    request: {
      line: 'GET /api/echo?a=1 HTTP/1.1',
      referer: 'http://a/"x"',
      userAgent: 'curl\\7 \xe4\x7f\t',
      forwardedFor: '',
      host: 'a.example',
      isHttp2: false,
      upstreamStatus: 201,
      upstreamMs: 4.6,
      cacheStatus: 'HIT',
    },
  };
  const time = String.raw`\[\d\d/Jan/2026:\d\d:\d\d:05 [+-]\d{4}\]`;

  it('write combined as NGINX does, odd octets escaped', () => {
    const [line = ''] = linesIn('combined', told);
    expect(line).toMatch(
      new RegExp(`^127\\.0\\.0\\.1 - - ${time} "GET /api/echo\\?a=1 HTTP/1\\.1" 200 22 `),
    );
    expect(line.slice(line.indexOf(' 200 22 '))).toBe(
      String.raw` 200 22 "http://a/\x22x\x22" "curl\x5C7 \xE4\x7F\x09"`,
    );
  });

  it('write main_ext with the upstream, the cache and the request id', () => {
    const [line = ''] = linesIn('main_ext', told);
    expect(line.slice(line.indexOf(' 200 22 '))).toBe(
      String.raw` 200 22 "http://a/\x22x\x22" "" "curl\x5C7 \xE4\x7F\x09" "-" "a.example" sn="edge" rt=0.001` +
        ` ua="127.0.0.1:9000" us="201" ut="0.005" ul="22" cs=HIT 0123456789abcdef0123456789abcdef`,
    );
  });

  it('say - where there is nothing, and h2 for HTTP/2', () => {
    const [line = ''] = linesIn('main_ext', { ...record, upstream: null, user: null });
    expect(line).toContain(
      ' "-" 200 22 "-" "" "-" "-" "-" sn="edge" rt=0.001 ua="-" us="-" ut="-" ul="-" cs=- ',
    );
    const request = { ...told.request, isHttp2: true, cacheStatus: '' } as AccessRecord['request'];
    expect(linesIn('main_ext', { ...told, request })[0]).toContain('" "h2" "curl');
  });

  it('write a name that is no octets as UTF-8', () => {
    expect(linesIn('combined', { ...told, user: 'zo\u{eb}\u{20ac}' })[0]).toContain(
      String.raw`- zo\xC3\xAB\xE2\x82\xAC [`,
    );
  });
});
