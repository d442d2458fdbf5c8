import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, decodeJwt, jwtVerify, type JSONWebKeySet } from 'jose';
import { afterAll, describe, expect, it } from 'vitest';
import { logIn } from '../support/login.ts';
import type { ReceivedRequest } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';
import { useScene } from '../support/scene.ts';

const folder = mkdtempSync(join(tmpdir(), 'portcullis-signer-'));
afterAll(() => rmSync(folder, { recursive: true }));

function keyFile(name: string): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  const file = join(folder, name);
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return file;
}

const issuer = 'https://gateway.test';
const keys = [
  { id: 'new', keyFile: keyFile('new.pem') },
  { id: 'old', keyFile: keyFile('old.pem') },
];
const sharedToken = 'one-token-for-everybody';

const scene = useScene({
  routes: [
    { exactPath: '/jwks', endpoint: 'jwks' },
    { path: '/signed/', auth: 'session', tokenCache: 'signed', upstream: 'app' },
    { path: '/cached/', auth: 'token-cache', tokenCache: 'cached', upstream: 'app' },
    { exactPath: '/token', auth: 'none', respond: { status: 200, body: sharedToken } },
  ],
  sections: {
    zones: { signed: { timeout: '60s' }, cached: { timeout: '60s' } },
    tokenCaches: {
      signed: {
        zone: 'signed',
        key: ['user', 'principal'],
        field: 'X-Signed',
        service: { type: 'signer', issuer, audience: 'app', lifetime: '30s', keys },
      },
      cached: {
        zone: 'cached',
        key: ['header:Remote-User'],
        required: ['header:Remote-User'],
        // Nobody listens there: what is in the zone is all there is.
        service: { url: 'http://127.0.0.1:9/', timeout: '200ms' },
      },
    },
  },
});

function tokenIn(received: ReceivedRequest): string {
  const values = received.values('x-signed');
  expect(values).toHaveLength(1);
  return values[0] ?? '';
}

function signedRequest(cookie: string, lines: readonly string[] = []): string {
  return request('GET', '/signed/x', [`Cookie: ${cookie}`, ...lines]);
}

describe('a token for the upstream', () => {
  it('says who is logged in, and is good by the keys that are published', async () => {
    const token = tokenIn(await scene.passes(signedRequest(scene.cookie)));
    const { response } = await scene.send(request('GET', '/jwks'));
    const published = JSON.parse(response.text()) as JSONWebKeySet;
    expect(published.keys.map(({ kid }) => kid)).toEqual(['new', 'old']);
    expect(response.text()).not.toMatch(/"d"/);
    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet(published), {
      issuer,
      audience: 'app',
      algorithms: ['EdDSA'],
    });
    expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'JWT', kid: 'new' });
    expect(payload).toMatchObject({
      ...{ sub: 'user1', directory: 'demo', role: 'physician', groups: ['group1', 'group2'] },
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(30);
  });

  it('is made once for a user, and never used for another', async () => {
    const first = tokenIn(await scene.passes(signedRequest(scene.cookie)));
    const again = await logIn(scene.gateway.edge);
    expect(tokenIn(await scene.passes(signedRequest(again.cookie)))).toBe(first);
    const other = await logIn(scene.gateway.edge, 'user2', 'pass2');
    const second = tokenIn(await scene.passes(signedRequest(other.cookie)));
    expect(decodeJwt(second).sub).toBe('user2');
    expect(tokenIn(await scene.passes(signedRequest(scene.cookie)))).toBe(first);
  });

  it('is made for nobody who has no session', async () => {
    await scene.declines(request('GET', '/signed/x', ['Remote-User: user1']), 401);
    await scene.declines(signedRequest(`${scene.cookie}x`), 401);
  });

  it.each(['X-Signed', 'x-signed', 'X_Signed', 'X.Signed', 'X-Authkey', 'X_Authkey'])(
    'takes the place of what a client sends as %s, on every route',
    async (name) => {
      const lines = [`${name}: forged`];
      const signed = await scene.passes(signedRequest(scene.cookie, lines));
      expect(signed.head).not.toContain('forged');
      tokenIn(signed);
      const open = await scene.passes(request('GET', '/public/x', lines));
      expect(open.head).not.toContain('forged');
    },
  );

  it('is not had by those who have none, whose request ends here', async () => {
    await scene.declines(request('GET', '/cached/x'), 403);
    await scene.declines(request('GET', '/cached/x', ['Remote-User: somebody']), 503);
  });
});
