import { describe, expect, it } from 'vitest';
import { argon2Sync, randomBytes } from 'node:crypto';
import { planned } from '../support/gateway-yaml.ts';
import { Gateway } from '../support/gateway.ts';
import { logIn, tryLogin } from '../support/login.ts';
import { ask } from '../support/raw-client.ts';
import { ok, RecordingUpstream } from '../support/recording-upstream.ts';
import { request } from '../support/request.ts';

/** A hash that takes its time. */
function slowHash(password: string): string {
  const nonce = randomBytes(16);
  const cost = { memory: 65_536, passes: 3, parallelism: 1 };
  const tag = argon2Sync('argon2id', { message: password, nonce, tagLength: 32, ...cost });
  const text = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '');
  return `$argon2id$v=19$m=65536,t=3,p=1$${text(nonce)}$${text(tag)}`;
}

describe('P53: passwords cannot use up the processor', () => {
  it('a storm of logins is 503 where the queue ends, and proxied requests go through meanwhile', async () => {
    await using upstream = await RecordingUpstream.start();
    upstream.answer = ok();
    const yaml = planned({
      upstreamPorts: [upstream.port],
      sections: { passwords: { threads: 1, queueMax: 2 } },
    });
    const users = [{ username: 'user1', password: slowHash('pass1'), role: 'physician' }];
    yaml.directories = { demo: { type: 'static', users } };
    await using gateway = await Gateway.start(yaml);
    const { cookie } = await logIn(gateway.edge);

    const storm = Array.from({ length: 20 }, () => tryLogin(gateway.edge, 'user1', 'wrong'));
    const state = { isOver: false };
    const logins = Promise.all(storm).finally(() => {
      state.isOver = true;
    });
    let proxied = 0;
    while (!state.isOver) {
      const answer = await ask(
        gateway.edge,
        request('GET', '/api/x', [`Cookie: ${cookie}`, 'Connection: close']),
      );
      expect(answer.status).toBe(200);
      proxied++;
    }
    const statuses = (await logins).map(({ status }) => status);
    const refused = (await logins).filter(({ status }) => status === 503);
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
    expect(refused.length).toBeGreaterThanOrEqual(15);
    for (const answer of refused) expect(answer.value('retry-after')).toBe('1');
    // While one password was checked, requests came and went.
    expect(proxied).toBeGreaterThan(3);
    expect((await tryLogin(gateway.edge, 'user1', 'pass1')).status).toBe(200);
  });
});
