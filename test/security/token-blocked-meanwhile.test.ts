import { afterAll, beforeAll, expect, it } from 'vitest';
import { Gateway } from '../support/gateway.ts';
import { ask } from '../support/raw-client.ts';
import { RecordingUpstream, type Turn } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { waitFor } from '../support/wait-for.ts';

let upstream: RecordingUpstream;
let gateway: Gateway;
const turns: Turn[] = [];

beforeAll(async () => {
  upstream = await RecordingUpstream.start({ answer: (turn) => void turns.push(turn) });
  gateway = await Gateway.planned({
    upstreamPorts: [upstream.port],
    upstream: { connectionsMax: 1 },
    routes: [
      { path: '/api/', host: 'a', endpoint: 'keyval', auth: 'none', keyval: { write: true } },
      { exactPath: '/made', auth: 'none', respond: { status: 200, body: 'a-token-of-text' } },
      { path: '/t/', auth: 'token-cache', tokenCache: 'main', upstream: 'app' },
    ],
    sections: {
      zones: { tokens: { timeout: '1h' } },
      tokenCaches: {
        main: {
          zone: 'tokens',
          key: ['header:Remote-User'],
          service: { url: 'http://127.0.0.1:{port:edge}/made', format: 'text' },
        },
      },
    },
  });
});

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

function get(user: string): ReturnType<typeof ask> {
  return ask(
    gateway.edge,
    request('GET', `/t/${user}`, [`Remote-User: ${user}`, 'Connection: close']),
  );
}

it('a request that waits for a connection is not sent when its token was blocked meanwhile', async () => {
  const first = get('one');
  await waitFor('the only connection to be taken', () => turns.length === 1);
  const [blocked, free] = [get('two'), get('three')];
  const names = '/api/9/http/keyvals/tokens';
  await waitFor('both to have their tokens', async () => {
    const shown = await ask(gateway.edge, request('GET', names, ['Connection: close']));
    return shown.text().includes('"two"') && shown.text().includes('"three"');
  });
  const body = '{"two":"0"}';
  const lines = [`Content-Length: ${String(body.length)}`, 'Connection: close'];
  expect((await ask(gateway.edge, request('PATCH', names, lines, body))).status).toBe(204);
  const answer = (): void =>
    turns.at(-1)?.connection.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
  answer();
  expect((await first).status).toBe(200);
  expect((await blocked).status).toBe(403);
  await waitFor('the other one', () => turns.length === 2);
  answer();
  expect((await free).status).toBe(200);
  expect(upstream.requests.map(({ target }) => target)).toEqual(['/t/one', '/t/three']);
});
