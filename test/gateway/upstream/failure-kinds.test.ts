import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePorts } from '../../support/free-ports.ts';
import { Gateway } from '../../support/gateway.ts';
import type { UpstreamYaml } from '../../support/gateway-yaml.ts';
import { RawClient } from '../../support/raw-client.ts';
import {
  closing,
  never,
  RecordingUpstream,
  reset,
  respond,
  slowly,
  type Answer,
} from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';

/**
 * Two groups with a broken server each; in the second one a sound server stands behind it, so that every request meets
 * the broken one first.
 */
const stack = new AsyncDisposableStack();
let gateway: Gateway;
let broken: RecordingUpstream;
let sound: RecordingUpstream;

beforeAll(async () => {
  broken = stack.use(await RecordingUpstream.start());
  sound = stack.use(await RecordingUpstream.start({ answer: respond(200, [], 'sound') }));
  const [closed = 0] = await freePorts(1);
  const behind = (port: number): unknown[] => [
    `127.0.0.1:${String(port)}`,
    { address: `127.0.0.1:${String(sound.port)}`, backup: true },
  ];
  const times = { maxFails: 0, firstByteTimeout: '400ms', idleTimeout: '400ms' };
  const upstreams = {
    alone: { servers: [`127.0.0.1:${String(broken.port)}`], ...times },
    behind: { servers: behind(broken.port), ...times },
    refusing: { servers: [`127.0.0.1:${String(closed)}`], ...times },
    refusingBehind: { servers: behind(closed), ...times },
  } as Record<string, UpstreamYaml>; // servers may be blocks
  gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: [],
      sections: { upstreams },
      appRoutes: Object.keys(upstreams).map((name) => ({
        path: `/${name}/`,
        auth: 'none',
        upstream: name,
      })),
    }),
  );
});
afterAll(() => stack.disposeAsync());

beforeEach(() => {
  broken.requests.length = 0;
  sound.requests.length = 0;
});

/** The status, or `cut` for an answer that broke off. */
async function ask(method: string, path: string): Promise<number | 'cut'> {
  await using client = await RawClient.connect(gateway.edge);
  const lines = method === 'POST' ? ['Content-Length: 4'] : [];
  client.write(request(method, path, lines, method === 'POST' ? 'body' : ''));
  try {
    return (await client.response(method)).status;
  } catch {
    return 'cut';
  }
}

const head = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n';

/** What a client sees with nobody behind, and with a sound server; how often that one is asked. */
const kinds: readonly (readonly [
  kind: string,
  answer: Answer,
  alone: number | 'cut',
  metric: string | null,
  getBehind: number | 'cut',
  postBehind: number | 'cut',
])[] = [
  ['resets before the head', reset(), 502, 'reset', 200, 502],
  ['closes before the head', closing0(), 502, 'closed', 200, 502],
  ['resets within the head', reset('HTTP/1.1 200 OK\r\nX-A'), 502, 'reset', 502, 502],
  ['resets within the body', reset(`${head}half`), 'cut', 'reset', 'cut', 'cut'],
  ['never answers', never(), 504, 'first-byte-timeout', 200, 504],
  ['is slow within the head', slowly('HTTP/1.1 2', 2_000, ''), 504, null, 504, 504],
  [
    'is slow within the body',
    slowly(`${head}half`, 2_000, ''),
    'cut',
    'idle-timeout',
    'cut',
    'cut',
  ],
  ['answers 500', respond(500), 500, null, 500, 500],
  ['answers 503', respond(503), 503, null, 503, 503],
  ['says what is no HTTP', reset('SSH-2.0-x\r\n\r\n'), 502, 'malformed', 502, 502],
];

function closing0(): Answer {
  return ({ connection }) => {
    connection.socket.end();
  };
}

describe.each(kinds)('a server that %s', (_kind, answer, alone, metric, getBehind, postBehind) => {
  beforeEach(() => {
    broken.answer = answer;
  });

  it(`is ${String(alone)} for the client, and counted`, async () => {
    const name = 'portcullis_upstream_failures_total';
    const labels = `upstream="alone"`;
    const count = async (): Promise<number> =>
      metric === null
        ? gateway.metric('portcullis_upstream_requests_total', labels)
        : gateway.metric(
            name,
            `${labels},server="127.0.0.1:${String(broken.port)}",kind="${metric}"`,
          );
    const before = await count();
    expect(await ask('POST', '/alone/x')).toBe(alone);
    expect(await count()).toBe(before + 1);
    expect(broken.requests).toHaveLength(1);
    expect(await gateway.metric('portcullis_upstream_requests_in_flight')).toBe(0);
  });

  it('is asked once; a GET that nothing was heard of goes on, a POST does not', async () => {
    expect(await ask('GET', '/behind/x')).toBe(getBehind);
    expect(broken.requests).toHaveLength(1);
    expect(sound.requests).toHaveLength(getBehind === 200 ? 1 : 0);
    expect(await ask('POST', '/behind/x')).toBe(postBehind);
    expect(broken.requests).toHaveLength(2);
    expect(sound.requests).toHaveLength(getBehind === 200 ? 1 : 0);
  });
});

describe('a server that refuses connections', () => {
  it('is 502, and passed over by every method where there is another one', async () => {
    expect(await ask('POST', '/refusing/x')).toBe(502);
    expect(await ask('GET', '/refusingBehind/x')).toBe(200);
    expect(await ask('POST', '/refusingBehind/x')).toBe(200);
    expect(sound.requests).toHaveLength(2);
  });
});

describe('a server that closes its kept connections at the worst moment', () => {
  it('costs no GET; and no request is sent twice that may not be', async () => {
    broken.answer = [respond(200, [], 'first'), reset()];
    expect(await ask('GET', '/alone/1')).toBe(200);
    // The second request on the connection meets its end; it is sent again on a fresh one.
    broken.answer = [reset(), respond(200, [], 'again')];
    expect(await ask('GET', '/alone/2')).toBe(200);
    broken.answer = [respond(200, [], 'third'), reset(), respond(200, [], 'never')];
    expect(await ask('GET', '/alone/3')).toBe(200);
    expect(await ask('POST', '/alone/4')).toBe(502);
    expect(broken.requests.filter(({ target }) => target === '/alone/4')).toHaveLength(1);
    broken.answer = closing(200, 'goodbye');
    for (let round = 0; round < 5; round++) expect(await ask('POST', '/alone/5')).toBe(200);
  });
});
