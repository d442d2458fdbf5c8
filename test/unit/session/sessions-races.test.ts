import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemorySessionStore } from '../../../src/session/memory-session-store.ts';
import { Sessions } from '../../../src/session/sessions.ts';
import type { SessionStore } from '../../../src/session/session-store.ts';
import { KeyRing } from '../../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../../src/tokens/session-token.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';

/** Every call takes its time before the store does it, and again before the answer is there. */
function delayed(store: SessionStore, scheduler: fc.Scheduler): SessionStore {
  const through =
    <Args extends readonly unknown[], Answer>(call: (...args: Args) => Promise<Answer>) =>
    async (...args: Args): Promise<Answer> => {
      await scheduler.schedule(Promise.resolve());
      const answer = await call(...args);
      await scheduler.schedule(Promise.resolve());
      return answer;
    };
  return {
    create: through((session) => store.create(session)),
    read: through((key) => store.read(key)),
    touch: through((touches) => store.touch(touches)),
    revoke: through((keys) => store.revoke(keys)),
    revokeUser: through((directory, subject, caller) =>
      store.revokeUser(directory, subject, caller),
    ),
    revokeAll: through((lost) => store.revokeAll(lost)),
    revocationNumber: through(() => store.revocationNumber()),
    listOf: through((directory, subject) => store.listOf(directory, subject)),
    page: through((skip, count) => store.page(skip, count)),
    count: through(() => store.count()),
    sweep: through(() => store.sweep()),
  };
}

const moveNames = [
  ...(['ask', 'askUnseen', 'touch', 'flush', 'evict'] as const),
  ...(['end', 'endAll', 'endEverybody', 'sweep'] as const),
] as const;
type Move = (typeof moveNames)[number];
const moves = fc.array(fc.constantFrom(...moveNames), { minLength: 3, maxLength: 12 });

test('whatever crosses its end, a session is refused once that was answered', async () => {
  let ends = 0;
  let reads = 0;
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), moves, fc.boolean(), async (scheduler, list, isCached) => {
      const clock = new ManualClock();
      const config = sessionsConfigOf({ cacheEntriesMax: 1, touchIntervalMs: 1 });
      const memory = new MemorySessionStore(config, clock);
      const tokens = new SessionTokens(new KeyRing({ keys: [] }));
      const sessions = new Sessions({
        config,
        store: delayed(memory, scheduler),
        tokens,
        clock,
        describe: () => '',
      });
      const opening = sessions.open(principalNamed('user1'), null);
      await scheduler.waitFor(opening);
      const opened = await opening;
      if (opened.kind !== 'opened') throw new Error(opened.reason);
      const { live, token } = opened;
      if (!isCached) await scheduler.waitFor(sessions.open(principalNamed('user2'), null));
      let hasEnded = false;
      const ask = async (presented: string): Promise<void> => {
        const hadEnded = hasEnded;
        const nowMs = clock.now();
        if (sessions.peek(presented, nowMs) !== undefined) {
          expect(hadEnded).toBe(false);
          return;
        }
        const resolution = await sessions.resolve(presented);
        if (hadEnded) expect(resolution).toEqual({ kind: 'none', reason: 'revoked' });
        else expect(resolution.kind).not.toBe('unavailable');
      };
      const make: Record<Move, () => Promise<unknown>> = {
        ask: () => ask(token),
        askUnseen: () => ask(tokens.seal(live.session.id)),
        touch: async () => sessions.touch(live, clock.now()),
        flush: () => sessions.flush(),
        evict: async () => {
          await sessions.open(principalNamed('user2'), null);
        },
        end: async () => {
          expect(await sessions.end(live)).toBe('ended');
          hasEnded = true;
          ends += 1;
        },
        endAll: async () => {
          await sessions.endAllOf('main', 'user1');
          hasEnded = true;
          ends += 1;
        },
        endEverybody: async () => {
          await sessions.endEverybody();
          hasEnded = true;
          ends += 1;
        },
        sweep: () => sessions.sweep(),
      };
      const { sequence, done } = await runAll(scheduler, list, (move) => {
        clock.advance(1);
        return make[move]();
      });
      expect([sequence, done]).toEqual([list.length, list.length]);
      reads += sessions.counters.fills;
      if (hasEnded) {
        await scheduler.waitFor(ask(token));
        await scheduler.waitFor(ask(tokens.seal(live.session.id)));
      }
    }),
    { numRuns: 1_500 },
  );
  expect(ends).toBeGreaterThan(500);
  expect(reads).toBeGreaterThan(100);
});

/** Starts the moves in their order, each at a time that the scheduler chooses, and waits for all. */
async function runAll(
  scheduler: fc.Scheduler,
  list: readonly Move[],
  make: (move: Move) => Promise<unknown>,
): Promise<{ sequence: number; done: number }> {
  let sequence = 0;
  let done = 0;
  const running = list.map(async (move) => {
    await scheduler.schedule(Promise.resolve(), move);
    sequence += 1;
    await make(move);
    done += 1;
  });
  await scheduler.waitFor(Promise.all(running));
  return { sequence, done };
}
