import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FormSession } from '../support/form-session.ts';
import { planned } from '../support/gateway-yaml.ts';
import { Gateway, Process } from '../support/gateway.ts';
import { logIn, tryLogin, tryLoginFrom, tryTokenLogin } from '../support/login.ts';

const throttle = {
  account: { failures: 3, regain: '1h' },
  address: { failures: 8, regain: '1h' },
  overall: { failures: 20, regain: '1h' },
};

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start(
    planned({ upstreamPorts: [9], login: 'loginPage', sections: { login: { throttle } } }),
  );
});
afterAll(() => gateway.stop());

async function bans(...args: string[]): Promise<string> {
  const command = new Process(['bans', ...args, '--config', gateway.configPath]);
  const { code } = await command.exit;
  expect([code, command.stderr]).toEqual([0, '']);
  return command.stdout;
}
afterEach(async () => {
  await bans('clear', '--everybody', 'yes');
});

const guess = async (name: string, address = '127.0.0.1'): Promise<number> =>
  (await tryLoginFrom(address, gateway.edge, name, 'wrong')).status;

describe('P48: guessing is slowed down', () => {
  it('at an account, by whatever spelling, from wherever, and whether there is one or not: 429', async () => {
    for (const names of [
      ['user1', 'USER1', ' ｕser1'],
      ['nobody', 'NoBody', 'no\u00adbody'],
    ]) {
      let host = 2;
      for (const name of names) expect(await guess(name, `127.0.0.${String(host++)}`)).toBe(401);
      const answer = await tryLoginFrom('127.0.0.99', gateway.edge, names[0] ?? '', 'pass1');
      expect(answer.status).toBe(429);
      expect(Number(answer.value('retry-after'))).toBeGreaterThan(3_500);
      expect(answer.values('set-cookie')).toEqual([]);
    }
    expect(await bans('list')).toMatch(/^account user1 \d+s\naccount nobody \d+s\n$/);
    expect(await gateway.metric('portcullis_logins_total', 'result="throttled"')).toBe(2);
  });

  it('by JSON, by the form and by a token in one count', async () => {
    const browser = new FormSession(gateway.edge);
    await browser.get('/auth/login');
    expect(await guess('user1')).toBe(401);
    expect((await browser.logIn('user1', 'wrong')).status).toBe(401);
    expect(await guess('user1')).toBe(401);
    const shown = await browser.logIn('user1', 'pass1');
    expect(shown.status).toBe(429);
    expect(shown.text()).toContain('There were too many attempts.');
    // What was refused unseen costs the address nothing: five are left of its eight.
    for (let count = 0; count < 5; count += 1) {
      expect((await tryTokenLogin(gateway.edge, 'x')).response.status).toBe(401);
    }
    expect((await tryTokenLogin(gateway.edge, 'x')).response.status).toBe(429);
  });

  it('from an address at many accounts, whatever it says of itself', async () => {
    for (let index = 0; index < 8; index += 1) expect(await guess(`u${String(index)}`)).toBe(401);
    const answer = await tryLogin(gateway.edge, 'u9', 'wrong');
    expect([answer.status, answer.text()]).toEqual([429, '{"error":"banned"}']);
    const browser = new FormSession(gateway.edge);
    await browser.get('/auth/login');
    const shown = await browser.logIn('u9', 'wrong');
    expect(shown.status).toBe(429);
    expect(shown.text()).toContain('Access is blocked for now');
    expect(Number(shown.value('retry-after'))).toBeGreaterThan(0);
    expect(await guess('u9', '127.0.0.2')).toBe(401);
    expect(await bans('list')).toMatch(/^address 127\.0\.0\.1 \d+s\n$/);
  });

  it('at many accounts from many addresses', async () => {
    for (let index = 0; index < 20; index += 1) {
      expect(await guess(`u${String(index)}`, `127.0.1.${String(index + 1)}`)).toBe(401);
    }
    expect(await guess('u99', '127.0.2.1')).toBe(429);
  });
});

describe('P49: nobody is kept out by others who guess', () => {
  it('who comes from where he has logged in before gets in, and strangers do not', async () => {
    await logIn(gateway.edge, 'user2', 'pass2');
    for (let count = 0; count < 3; count += 1) {
      expect(await guess('user2', '127.0.0.66')).toBe(401);
    }
    expect(await guess('user2', '127.0.0.67')).toBe(429);
    expect((await tryLogin(gateway.edge, 'user2', 'pass2')).status).toBe(200);
  });

  it('an operator lets an account try again, and an address', async () => {
    for (let count = 0; count < 8; count += 1) {
      await guess(count < 3 ? 'admin' : `u${String(count)}`, '127.0.0.5');
    }
    expect((await tryLoginFrom('127.0.0.6', gateway.edge, 'admin', 'password')).status).toBe(429);
    expect(await bans('clear', '--account', 'Admin')).toBe('cleared 1\n');
    expect((await tryLoginFrom('127.0.0.6', gateway.edge, 'admin', 'password')).status).toBe(200);
    expect((await tryLoginFrom('127.0.0.5', gateway.edge, 'user1', 'pass1')).status).toBe(429);
    expect(await bans('clear', '--address', '127.0.0.5')).toBe('cleared 1\n');
    expect((await tryLoginFrom('127.0.0.5', gateway.edge, 'user1', 'pass1')).status).toBe(200);
  });
});
