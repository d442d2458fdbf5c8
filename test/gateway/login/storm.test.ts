import { describe, expect, it } from 'vitest';
import { loadLogins, type Attempt } from '../../../bench/logins/login-load.ts';
import { loadProxied } from '../../../bench/logins/proxied-load.ts';
import { hashPassword } from '../../../src/passwords/hash-password.ts';
import { planned } from '../../support/gateway-yaml.ts';
import { Gateway } from '../../support/gateway.ts';
import { logIn } from '../../support/login.ts';
import { ok, RecordingUpstream } from '../../support/recording-upstream.ts';

const cost = { memoryKib: 19_456, iterations: 4, parallelism: 1 };
const hashes = ['first', 'second'].map((password) => ({
  password,
  hash: hashPassword(password, cost),
}));

/** How long requests take meanwhile is measured by `npm run bench:logins`. */
describe('a storm of logins from many accounts and addresses', () => {
  it('lets nobody in wrongly, refuses what it cannot check with a time to come back, and disturbs nobody', async () => {
    await using upstream = await RecordingUpstream.start();
    upstream.answer = ok();
    const people = Array.from({ length: 40 }, (_, index) => ({
      username: `person${String(index)}`,
      ...hashes[index % 2],
    }));
    const yaml = planned({
      upstreamPorts: [upstream.port],
      sections: { passwords: { threads: 1, queueMax: 8 } },
    });
    yaml.directories = {
      demo: {
        type: 'static',
        users: people.map(({ hash = '', username }) => ({ username, password: hash })),
      },
    };
    await using gateway = await Gateway.start(yaml);
    const cookies = [
      (await logIn(gateway.edge, 'person0', 'first')).cookie,
      (await logIn(gateway.edge, 'person1', 'second')).cookie,
    ];
    const attempts = people.map(({ password = '', username }, index): Attempt => {
      if (index % 4 === 2) return { username, password: 'second', isRight: password === 'second' };
      if (index % 4 === 3) return { username: `nobody${String(index)}`, password, isRight: false };
      return { username, password, isRight: true };
    });
    const port = gateway.edge;
    const [proxied, logins] = await Promise.all([
      loadProxied({ kind: 'proxied', port, perSecond: 100, seconds: 3, cookies }),
      loadLogins({ kind: 'logins', port, perSecond: 60, seconds: 3, attempts }),
    ]);
    expect(logins.wrong).toEqual([]);
    expect([proxied.answered, proxied.faults]).toEqual([300, 0]);
    const { 200: accepted = 0, 401: refused = 0, 429: slowed = 0, 503: busy = 0 } = logins.statuses;
    expect(accepted + refused + slowed + busy).toBe(180);
    expect(Math.min(accepted, refused, busy)).toBeGreaterThan(0);
    // None of those who could not be checked was counted against anybody.
    expect(await gateway.metric('portcullis_login_throttle_entries')).toBeLessThan(refused * 3 + 2);
  });
});
