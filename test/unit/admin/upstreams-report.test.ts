import { describe, expect, it } from 'vitest';
import { upstreamsTogether, type UpstreamsReport } from '../../../src/admin/upstreams-report.ts';

type Server = UpstreamsReport['upstreams'][number]['servers'][number];

const server = (name: string, more: Partial<Server> = {}): Server => ({
  ...{ server: name, address: name, state: 'up', states: { up: 1 }, weight: 1, share: 1 },
  ...{ backup: false, inFlight: 1, requests: 10, failures: {} },
  connections: { open: 2, idle: 1, waiting: 0 },
  ...more,
});
const report = (...servers: Server[]): UpstreamsReport => ({
  upstreams: [{ name: 'app', balance: 'roundRobin', servers }],
});

describe('what several workers know of servers', () => {
  it('is added up, with the worst that one of them says and how many say what', () => {
    const out = { state: 'out', states: { out: 1 }, share: 0.5, failures: { refused: 3 } } as const;
    const together = upstreamsTogether([
      report(server('a'), server('b')),
      report(server('a', out), server('b')),
      report(server('a', { failures: { refused: 1, reset: 1 } }), server('b'), server('c')),
    ]);
    expect(together).toEqual(
      report(
        server('a', {
          ...{ state: 'out', states: { up: 2, out: 1 }, share: 0.5, inFlight: 3, requests: 30 },
          connections: { open: 6, idle: 3, waiting: 0 },
          failures: { refused: 4, reset: 1 },
        }),
        server('b', {
          ...{ states: { up: 3 }, inFlight: 3, requests: 30 },
          connections: { open: 6, idle: 3, waiting: 0 },
        }),
        server('c'),
      ),
    );
  });

  it('is nothing where nobody answers', () => {
    expect(upstreamsTogether([])).toEqual({ upstreams: [] });
  });
});
