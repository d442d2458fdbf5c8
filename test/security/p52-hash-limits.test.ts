import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseDjangoHash } from '../../src/passwords/django-hash.ts';
import { load, smallest } from '../support/config-file.ts';
import { planned } from '../support/gateway-yaml.ts';
import { Gateway } from '../support/gateway.ts';
import { FormSession } from '../support/form-session.ts';
import { tryLogin } from '../support/login.ts';

/** That names are no SQL, that only hashers from a list are computed and that inactive users stay out: the contracts of directories. */
describe('P52: a login cannot be made dear', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start(planned({ upstreamPorts: [9], login: 'loginPage' }));
  });
  afterAll(() => gateway.stop());

  it('a password of more than 4096 bytes is 400, counted in bytes, and costs nobody an attempt', async () => {
    for (const password of ['x'.repeat(4_097), 'é'.repeat(2_049)]) {
      for (let count = 0; count < 12; count += 1) {
        expect((await tryLogin(gateway.edge, 'user1', password)).status).toBe(400);
      }
    }
    expect((await tryLogin(gateway.edge, 'user1', 'x'.repeat(4_096))).status).toBe(401);
    const browser = new FormSession(gateway.edge);
    await browser.get('/auth/login');
    expect((await browser.logIn('user1', 'x'.repeat(4_097))).status).toBe(400);
    expect((await tryLogin(gateway.edge, 'user1', 'pass1')).status).toBe(200);
  });

  it('a stored hash of more than five million iterations is not computed, unless that is wanted', () => {
    const yaml = `${smallest}directories: {app: {type: django, engine: mysql, address: 'localhost:3306', database: a, username: b, password: c}}\n`;
    const [directory] = load(yaml).directories;
    if (directory?.type !== 'django') throw new Error('no such directory');
    const rules = { iterationsMax: directory.iterationsMax, weakHashers: new Set<never>() };
    const hash = (iterations: number): string =>
      `pbkdf2_sha256$${String(iterations)}$abcdefghijkl$ljt9SSrB4OZRwSAjrzhWzjqy87/3JRlPsarLn3TE5KE=`;
    expect(parseDjangoHash(hash(5_000_000), rules).kind).toBe('read');
    expect(parseDjangoHash(hash(5_000_001), rules).kind).toBe('refused');
  });
});
