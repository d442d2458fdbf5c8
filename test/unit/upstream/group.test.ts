import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { StickyServers } from '../../../src/upstream/sticky-servers.ts';
import { groupOf } from '../../support/upstream-group.ts';

const breaker = {
  failurePercent: 50,
  requestsMin: 4,
  windowMs: 1_000,
  openForMs: 1_000,
  trials: 2,
};

describe('a group', () => {
  it('asks backups only while no other server is in service', () => {
    const { group } = groupOf([{}, {}, { isBackup: true }]);
    const [one, two, backup] = group.servers;
    const picked = new Set(Array.from({ length: 10 }, () => group.pick(0, 0, 0)));
    expect(picked).toEqual(new Set([one, two]));
    one?.failed('reset', 0);
    two?.failed('reset', 0);
    expect(group.pick(1, 0, 0)).toBe(backup);
    expect(group.pick(10_001, 0, 0)).not.toBe(backup);
  });

  it('whose servers are all out by their failures asks them all the same, backups last', () => {
    const { group } = groupOf([{}, { isBackup: true }]);
    for (const server of group.servers) server.failed('reset', 0);
    const [one, backup] = group.servers;
    expect(group.pick(1, 0, 0)).toBe(one);
    expect(group.pick(1, one?.bit ?? 0, 0)).toBe(backup);
    expect(group.pick(1, (one?.bit ?? 0) | (backup?.bit ?? 0), 0)).toBeNull();
  });

  it('whose servers are all unhealthy has nobody to ask', () => {
    const { group } = groupOf([{}, {}]);
    for (const server of group.servers) server.checked(false, 'status 500', 0);
    expect(group.pick(1, 0, 0)).toBeNull();
    group.servers[1]?.checked(true, 'status 200', 2);
    expect(group.pick(3, 0, 0)).toBe(group.servers[1]);
  });

  it('never gives a request a server that it has been to, and every other one before none', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('roundRobin', 'leastConnections', 'twoChoices', 'hash'),
        fc.array(fc.constantFrom('up', 'out', 'unhealthy'), { minLength: 1, maxLength: 12 }),
        fc.nat(2 ** 31),
        (balance, states, key) => {
          const { group } = groupOf(
            states.map(() => ({})),
            { balance },
            () => key,
          );
          for (const [index, server] of group.servers.entries()) {
            if (states[index] === 'out') server.failed('reset', 0);
            if (states[index] === 'unhealthy') server.checked(false, 'timeout', 0);
          }
          let tried = 0;
          const seen = new Set<unknown>();
          for (let server = group.pick(1, 0, key); server; server = group.pick(1, tried, key)) {
            expect(seen.has(server)).toBe(false);
            expect(server.state).not.toBe('unhealthy');
            seen.add(server);
            tried |= server.bit;
          }
          expect(seen.size).toBe(states.filter((state) => state !== 'unhealthy').length);
        },
      ),
    );
  });

  it('says each change of a server once', () => {
    const { changes, group } = groupOf([{}, {}]);
    const [one] = group.servers;
    for (let failure = 0; failure < 5; failure++) one?.failed('reset', failure);
    one?.answered(200, 1, 20_000);
    one?.answered(200, 1, 20_001);
    one?.checked(false, 'timeout', 20_002);
    one?.failed('reset', 20_003);
    one?.checked(true, 'status 200', 20_004);
    expect(changes).toEqual([
      { server: '127.0.0.1:9001', state: 'out', reason: 'reset' },
      { server: '127.0.0.1:9001', state: 'up', reason: 'answer' },
      { server: '127.0.0.1:9001', state: 'unhealthy', reason: 'timeout' },
      { server: '127.0.0.1:9001', state: 'up', reason: 'status 200' },
    ]);
  });

  it('with one server does not put it out for its failures', () => {
    const { changes, group } = groupOf([{}]);
    group.servers[0]?.failed('reset', 0);
    expect(group.pick(1, 0, 0)).toBe(group.servers[0]);
    expect(changes).toEqual([]);
  });
});

describe('a server that starts slowly', () => {
  it('gets a tenth of its share when it is back, half of it in the middle, all of it at the end', () => {
    const { group } = groupOf([{ weight: 10 }, {}], { slowStartMs: 1_000 });
    const [one] = group.servers;
    const shareAt = (nowMs: number): number | undefined => {
      one?.standing(nowMs);
      return one?.share;
    };
    expect(shareAt(0)).toBe(10);
    one?.checked(false, 'timeout', 0);
    one?.checked(true, 'status 200', 10_000);
    expect(shareAt(10_000)).toBe(1);
    expect(shareAt(10_500)).toBe(5);
    expect(shareAt(11_000)).toBe(10);
    expect(shareAt(99_000)).toBe(10);
  });

  it('is tried with its least share when failTimeout is over, until it answers', () => {
    const { group } = groupOf([{}, {}], { slowStartMs: 1_000 });
    const [one] = group.servers;
    one?.failed('reset', 0);
    one?.standing(60_000);
    expect(one?.share).toBeCloseTo(0.1);
    one?.answered(200, 1, 60_000);
    one?.standing(60_500);
    expect(one?.share).toBeCloseTo(0.5);
  });

  it('that has just come is one of them, those of the beginning are not', () => {
    const { group } = groupOf([{}, {}], { slowStartMs: 1_000 });
    const [one, two] = group.servers;
    two?.arrived(500);
    one?.standing(500);
    two?.standing(500);
    expect([one?.share, two?.share]).toEqual([1, 0.1]);
  });
});

describe('a breaker', () => {
  it('opens at its share of failures, but not before there are requests enough', () => {
    const { changes, group } = groupOf([{}, {}], { breaker, maxFails: 0 });
    const [one] = group.servers;
    one?.answered(500, 1, 0);
    one?.answered(503, 1, 1);
    one?.answered(200, 1, 2);
    expect(one?.state).toBe('up');
    one?.failed('reset', 3);
    expect(one?.state).toBe('open');
    expect(changes).toEqual([{ server: '127.0.0.1:9001', state: 'open', reason: 'reset' }]);
    expect(group.pick(4, 0, 0)).toBe(group.servers[1]);
  });

  it('forgets what is longer ago than its window', () => {
    const { group } = groupOf([{}, {}], { breaker, maxFails: 0 });
    const [one] = group.servers;
    for (let failure = 0; failure < 3; failure++) one?.failed('reset', 0);
    one?.failed('reset', 1_600);
    expect(one?.state).toBe('up');
  });

  it('lets as many requests try as are configured, and closes when all are answered', () => {
    const { changes, group } = groupOf([{}], { breaker });
    const [one] = group.servers;
    for (let failure = 0; failure < 4; failure++) one?.failed('reset', 0);
    expect(group.pick(999, 0, 0)).toBeNull();
    expect(group.pick(1_000, 0, 0)).toBe(one);
    one?.began(1_000);
    expect(group.pick(1_000, 0, 0)).toBe(one);
    one?.began(1_000);
    expect(group.pick(1_000, 0, 0), 'a third one').toBeNull();
    one?.answered(200, 1, 1_001);
    expect(one?.state).toBe('half-open');
    one?.answered(404, 1, 1_002);
    expect(one?.state).toBe('up');
    expect(changes.map(({ state }) => state)).toEqual(['open', 'half-open', 'up']);
  });

  it('opens again at the first failure of those', () => {
    const { group } = groupOf([{}], { breaker });
    const [one] = group.servers;
    for (let failure = 0; failure < 4; failure++) one?.failed('reset', 0);
    expect(group.pick(1_000, 0, 0)).toBe(one);
    one?.began(1_000);
    one?.answered(500, 1, 1_001);
    expect(one?.state).toBe('open');
    expect(group.pick(1_999, 0, 0)).toBeNull();
    expect(group.pick(2_001, 0, 0)).toBe(one);
  });

  it('does not wait for ever for trials whose clients have gone', () => {
    const { group } = groupOf([{}], { breaker });
    const [one] = group.servers;
    for (let failure = 0; failure < 4; failure++) one?.failed('reset', 0);
    for (let trial = 0; trial < 2; trial++) {
      expect(group.pick(1_000, 0, 0)).toBe(one);
      one?.began(1_000);
    }
    expect(group.pick(1_500, 0, 0)).toBeNull();
    expect(group.pick(2_000, 0, 0)).toBe(one);
  });
});

describe('the cookie that keeps a browser at a server', () => {
  const key = new Uint8Array(32).fill(1);
  const next = new Uint8Array(32).fill(2);

  it('names a server only to whoever has the key', () => {
    const { group } = groupOf([{}, {}]);
    const [one] = group.servers;
    const sticky = new StickyServers<null>('lb', 'app', [key]);
    const stranger = new StickyServers<null>('lb', 'app', [next]);
    sticky.compose(group.servers);
    stranger.compose(group.servers);
    if (one === undefined) throw new Error('no server');
    const token = sticky.tokenOf(one);
    expect(token).toMatch(/^[\w-]{22}$/);
    expect(token).not.toContain('127');
    expect(sticky.serverOf(token)).toBe(one);
    expect(stranger.serverOf(token)).toBeNull();
    expect(sticky.serverOf('')).toBeNull();
  });

  it('of an elder key is good while the key is there', () => {
    const { group } = groupOf([{}, {}]);
    const [one] = group.servers;
    const old = new StickyServers<null>('lb', 'app', [key]);
    const rotated = new StickyServers<null>('lb', 'app', [next, key]);
    old.compose(group.servers);
    rotated.compose(group.servers);
    if (one === undefined) throw new Error('no server');
    expect(rotated.serverOf(old.tokenOf(one))).toBe(one);
    expect(rotated.tokenOf(one)).not.toBe(old.tokenOf(one));
  });

  it('of one upstream says nothing at another', () => {
    const { group } = groupOf([{}, {}]);
    const [one] = group.servers;
    const app = new StickyServers<null>('lb', 'app', [key]);
    const shop = new StickyServers<null>('lb', 'shop', [key]);
    app.compose(group.servers);
    shop.compose(group.servers);
    if (one === undefined) throw new Error('no server');
    expect(shop.serverOf(app.tokenOf(one))).toBeNull();
  });
});
