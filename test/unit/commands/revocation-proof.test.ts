import { expect, it } from 'vitest';
import { RevocationProof } from '../../../src/commands/revocation-proof.ts';
import type { Clock } from '../../../src/lib/clock.ts';
import type { CreateAnswer, RevokeAnswer } from '../../../src/session/session-store.ts';

type Parts = ConstructorParameters<typeof RevocationProof>[0];

/** A proof in a store that opens a session, and confirms an end the so-many-th time that it is asked. */
async function openedProof(confirmedAt: number) {
  let asked = 0;
  let stops = 0;
  /** Each look is two seconds later than the one before. */
  let nowMs = 0;
  const clock: Clock = { now: () => nowMs, monotonic: () => (nowMs += 2_000) };
  const silent = { kind: 'unavailable', reason: 'silent' } as const;
  const store = {
    create: (): Promise<CreateAnswer> => Promise.resolve(silent),
    revoke: (keys: readonly string[]): Promise<RevokeAnswer> => {
      asked += 1;
      if (asked < confirmedAt) return Promise.resolve(silent);
      return Promise.resolve({ kind: 'revoked', keys, count: 1, commit: null });
    },
  };
  const proof = new RevocationProof({
    service: { store, stop: () => Promise.resolve(void (stops += 1)) },
    tokens: { seal: () => 'token' },
    cookieNames: new Set(['sid']),
    probes: [],
    stalenessMs: 1_000,
    clock,
  } as unknown as Parts); // as much as opening and ending take
  // Nobody can say whether it is open: the store did not answer.
  await expect(proof.run(1)).rejects.toThrow('opens no session');
  return { proof, asked: () => asked, stops: () => stops };
}

it('what was opened is ended again and again until the store confirms it', async () => {
  const { asked, proof, stops } = await openedProof(3);
  await proof.stop();
  expect([asked(), stops()]).toEqual([3, 1]);
});

it('a store that confirms nothing is told of, after some time', async () => {
  const { proof, stops } = await openedProof(Infinity);
  await expect(proof.stop()).rejects.toThrow(
    'a session of prove-revocation may still be open, for an hour at most',
  );
  expect(stops()).toBe(1);
});
