import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textHash } from '../../../src/lib/text-hash.ts';
import { RandomWords } from '../../../src/lib/random-words.ts';
import type { BalancingPolicy, Candidate } from '../../../src/upstream/balancing-policy.ts';
import { ConsistentHash } from '../../../src/upstream/consistent-hash.ts';
import { LeastConnections } from '../../../src/upstream/least-connections.ts';
import { RoundRobin } from '../../../src/upstream/round-robin.ts';
import { TwoChoices } from '../../../src/upstream/two-choices.ts';

interface Server extends Candidate {
  inFlight: number;
}

function serversOf(shares: readonly number[]): Server[] {
  return shares.map((share, index) => ({
    inFlight: 0,
    share,
    seed: textHash(`10.0.0.${String(index)}:80`),
    credit: 0,
  }));
}

const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 });

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

/** How often each server was chosen. `held`: every request stays under way. */
function counts(
  policy: BalancingPolicy,
  servers: Server[],
  requests: number,
  key: (request: number) => number = () => 0,
  held = false,
): number[] {
  const chosen = servers.map(() => 0);
  for (let request = 0; request < requests; request++) {
    const index = policy.choose(servers, servers.length, key(request));
    chosen[index] = (chosen[index] ?? 0) + 1;
    const server = servers[index];
    if (held && server !== undefined) server.inFlight++;
  }
  return chosen;
}

describe('round robin', () => {
  it('gives each server exactly its weight in every round', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 5 }), (shares, rounds) => {
        const chosen = counts(new RoundRobin(), serversOf(shares), sum(shares) * rounds);
        expect(chosen).toEqual(shares.map((share) => share * rounds));
      }),
    );
  });

  it('is never ahead or behind by a whole request per server within a round', () => {
    fc.assert(
      fc.property(weights, fc.nat(300), (shares, requests) => {
        const total = sum(shares);
        const chosen = counts(new RoundRobin(), serversOf(shares), requests);
        for (const [index, count] of chosen.entries()) {
          const due = (requests * (shares[index] ?? 0)) / total;
          expect(Math.abs(count - due)).toBeLessThan(shares.length);
        }
      }),
    );
  });

  it('spreads the turns of a heavy server over the round', () => {
    const policy = new RoundRobin();
    const servers = serversOf([5, 1, 1]);
    const order = Array.from({ length: 7 }, () => policy.choose(servers, 3));
    expect(order).toEqual([0, 0, 1, 0, 2, 0, 0]);
  });
});

describe('least connections', () => {
  it('keeps requests under way in proportion to the weights', () => {
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 400 }), (shares, requests) => {
        const servers = serversOf(shares);
        counts(new LeastConnections(), servers, requests, undefined, true);
        const fill = requests / sum(shares);
        for (const { inFlight, share } of servers) {
          expect(Math.abs(inFlight - fill * share)).toBeLessThanOrEqual(share + 1);
        }
      }),
    );
  });

  it('never takes a server while one is less busy for its weight', () => {
    const loads = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.nat(50)), {
      minLength: 1,
      maxLength: 10,
    });
    fc.assert(
      fc.property(loads, (pairs) => {
        const servers = serversOf(pairs.map(([share]) => share));
        for (const [index, server] of servers.entries()) server.inFlight = pairs[index]?.[1] ?? 0;
        const chosen = servers[new LeastConnections().choose(servers, servers.length)];
        const load = (server: Server): number => (server.inFlight + 1) / server.share;
        const least = Math.min(...servers.map(load));
        expect(chosen === undefined ? NaN : load(chosen)).toBe(least);
      }),
    );
  });

  it('takes idle servers of one weight in turn', () => {
    const chosen = counts(new LeastConnections(), serversOf([1, 1, 1]), 9);
    expect(chosen).toEqual([3, 3, 3]);
  });
});

describe('random of two choices', () => {
  it('never takes the busiest of all, if there are two and more of one weight', () => {
    const words = new RandomWords();
    const loads = fc.uniqueArray(fc.nat(1_000), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(loads, (inFlight) => {
        const servers = serversOf(inFlight.map(() => 1));
        for (const [index, server] of servers.entries()) server.inFlight = inFlight[index] ?? 0;
        const policy = new TwoChoices(() => words.next());
        const busiest = inFlight.indexOf(Math.max(...inFlight));
        for (let draw = 0; draw < 20; draw++) {
          expect(policy.choose(servers, servers.length)).not.toBe(busiest);
        }
      }),
    );
  });

  it('keeps requests under way close together, by weight', () => {
    const shares = [1, 1, 2, 4];
    const words = new RandomWords();
    const servers = serversOf(shares);
    counts(new TwoChoices(() => words.next()), servers, 8_000, undefined, true);
    for (const { inFlight, share } of servers) {
      expect(inFlight / (1_000 * share)).toBeGreaterThan(0.9);
      expect(inFlight / (1_000 * share)).toBeLessThan(1.1);
    }
  });

  it('draws each pair by weight where nobody is busy', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1), (one, two) => {
        const words = [one, two];
        const policy = new TwoChoices(() => words.shift() ?? 0);
        const index = policy.choose(serversOf([1, 1, 1]), 3);
        const first = Math.min(2, Math.floor((one / 2 ** 32) * 3));
        expect(index).toBe(first); // the first one drawn wins a tie
      }),
    );
  });
});

describe('consistent hash', () => {
  it('takes one server for one key, whatever else is asked', () => {
    fc.assert(
      fc.property(weights, fc.string(), (shares, text) => {
        const servers = serversOf(shares);
        const key = textHash(text);
        const first = new ConsistentHash().choose(servers, servers.length, key);
        for (const server of servers) server.inFlight += 7;
        expect(new ConsistentHash().choose(servers, servers.length, key)).toBe(first);
      }),
    );
  });

  it('moves only the keys of a server that has gone, and only to it those that it gets', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 12 }),
        fc.nat(),
        fc.array(fc.string(), { minLength: 1, maxLength: 40 }),
        (shares, place, texts) => {
          const policy = new ConsistentHash();
          const all = serversOf(shares);
          const gone = all[place % all.length];
          const left = all.filter((server) => server !== gone);
          for (const text of texts) {
            const key = textHash(text);
            const before = all[policy.choose(all, all.length, key)];
            const after = left[policy.choose(left, left.length, key)];
            if (before !== gone) expect(after).toBe(before);
          }
        },
      ),
    );
  });

  it('gives each server keys by its weight, within three standard deviations and a half', () => {
    const keys = 20_000;
    for (const shares of [
      [1, 1],
      [1, 1, 1, 1, 1, 1, 1, 1],
      [1, 2, 3, 4],
      [10, 1],
    ]) {
      const chosen = counts(new ConsistentHash(), serversOf(shares), keys, (request) =>
        textHash(`user-${String(request)}`),
      );
      for (const [index, count] of chosen.entries()) {
        const part = (shares[index] ?? 0) / sum(shares);
        const deviation = Math.sqrt(keys * part * (1 - part));
        expect(Math.abs(count - keys * part)).toBeLessThan(3.5 * deviation);
      }
    }
  });
});
