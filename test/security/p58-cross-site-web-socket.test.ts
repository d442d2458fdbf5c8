import { describe, expect, it } from 'vitest';
import { scheme } from '../support/lane.ts';
import { ok } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene, type Scene } from '../support/scene.ts';
import { agrees, handshakeLines } from '../support/web-socket.ts';

const allowed = 'https://app.example.org';
const appRoutes = [
  { path: '/public/', auth: 'none' as const, upstream: 'app' },
  { path: '/closed/', upstream: 'app', webSockets: false },
  { path: '/', upstream: 'app', webSocketOrigins: [allowed] },
];

async function opens(scene: Scene, target: string, lines: readonly string[]): Promise<void> {
  scene.mark();
  scene.upstream.answer = agrees();
  await using client = await scene.connect();
  client.write(request('GET', target, [...handshakeLines, ...lines]));
  expect(await client.informational()).toBe(101);
  expect(scene.forwarded()).toHaveLength(1);
  scene.upstream.answer = ok();
}

describe.each(bothAnswers)('P58: no foreign page opens a WebSocket, under %s', (answers) => {
  const scene = useScene({ answers, appRoutes });
  const cookie = (): string => `Cookie: ${scene.cookie}`;

  it.each([
    ['another site', ['Origin: http://evil.example']],
    ['another scheme', [`Origin: ${scheme === 'http' ? 'https' : 'http'}://a`]],
    ['another port', [`Origin: ${scheme}://a:8080`]],
    ['a name that begins like ours', ['Origin: http://a.evil.example']],
    ['nowhere', ['Origin: null']],
    ['an empty one', ['Origin:']],
    ['two', [`Origin: ${scheme}://a`, 'Origin: http://evil.example']],
    ['two in the other order', ['Origin: http://evil.example', `Origin: ${scheme}://a`]],
    ['a list', [`Origin: ${scheme}://a, http://evil.example`]],
    ['none, with a session cookie', []],
  ])('an Origin of %s is 403, and the upstream hears nothing', async (_kind, lines) => {
    const bytes = request('GET', '/chat', [...handshakeLines, cookie(), ...lines]);
    await scene.refuses(bytes, 403);
  });

  it.each([
    ["the request's own host", `Origin: ${scheme}://a`],
    ['the allow-list', `Origin: ${allowed}`],
  ])('an Origin of %s passes', async (_kind, line) => {
    await opens(scene, '/chat', [cookie(), line]);
  });

  it('without a session cookie no Origin is needed, but a foreign one is still refused', async () => {
    await opens(scene, '/public/chat', []);
    const foreign = [...handshakeLines, 'Origin: http://evil.example'];
    await scene.refuses(request('GET', '/public/chat', foreign), 403);
  });

  it('a session cookie without Origin is refused where nobody has to log in, too', async () => {
    await scene.refuses(request('GET', '/public/chat', [...handshakeLines, cookie()]), 403);
  });

  it('an Origin makes up for no session', async () => {
    const bytes = request('GET', '/chat', [...handshakeLines, `Origin: ${scheme}://a`]);
    await scene.refuses(bytes, answers === 'modern' ? 401 : 403);
  });

  it('where WebSockets are switched off a handshake is a plain request', async () => {
    const bytes = request('GET', '/closed/x', [
      ...handshakeLines,
      cookie(),
      `Origin: ${scheme}://a`,
    ]);
    const received = await scene.passes(bytes);
    expect(received.values('upgrade')).toEqual([]);
  });
});
