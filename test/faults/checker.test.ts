import { describe, expect, test } from 'vitest';
import { PatchedCopy, type Patch } from '../support/coherence/patched-copy.ts';
import type { Fault } from '../support/coherence/fault.ts';
import * as faults from '../support/coherence/faults.ts';
import { Fleet, type FleetOptions } from '../support/coherence/fleet.ts';
import { patientMs } from '../support/patience.ts';

interface BrokenRule {
  readonly rule: string;
  readonly patch: Patch;
  readonly fault: Fault;
  readonly options?: FleetOptions;
}

/** The rules of the protocol, each taken out of a copy of the sources, and the fault that it is there for. */
const broken: readonly BrokenRule[] = [
  {
    rule: '3: a poll brings every entry that this worker does not have',
    patch: {
      file: 'src/coherence/follower.ts',
      from: '      this.#apply(entry);\n      this.#position',
      to: '      this.#position',
    },
    fault: faults.unheard(1_500),
  },
  {
    rule: '4: a copy authorises only under a lease',
    patch: {
      file: 'src/session/lease.ts',
      from: 'return monotonicMs < this.#endsAtMs && nowMs < this.#endsAtWallMs;',
      to: 'return this.#endsAtMs > -Infinity;',
    },
    fault: faults.isolated(2_500),
  },
  {
    rule: '5: what was revoked is remembered, and a fill that comes late is dropped',
    patch: {
      file: 'src/session/recent-revocations.ts',
      from: 'this.#young.set(key, this.#number);',
      to: '',
    },
    fault: faults.lateReads(20),
  },
  {
    rule: '6: a logout is answered when every worker has acknowledged',
    patch: {
      file: 'src/coherence/barrier.ts',
      from: 'await this.#wait(others, tags, startMs, startMs + everybodyMs)',
      to: '0',
    },
    fault: faults.lateMessages(150),
  },
  {
    rule: '7: a store that has forgotten is told again',
    patch: {
      file: 'src/coherence/follower.ts',
      from: "if ((await this.#remind(keys)) === 'unavailable') this.#isReminderDue = true;",
      to: '',
    },
    fault: faults.restored,
    options: { redisArgs: ['--appendonly', 'yes', '--appendfsync', 'always'] },
  },
  {
    rule: '9: a live stream is cut when its session ends, before anybody is told that it has',
    patch: {
      file: 'src/gateway/live-streams.ts',
      from: "      for (const stream of [...(this.#bySession.get(key) ?? [])]) stream.cut('revoked');\n",
      to: '',
    },
    fault: faults.unsubscribed,
  },
];

const roundsMax = 5;

describe('the checker reports a violation where a rule is taken out:', () => {
  test.each(broken)(
    '$rule',
    async ({ fault, options, patch }) => {
      await using copy = await PatchedCopy.make([patch]);
      await using fleet = await Fleet.start({ ...options, launch: { root: copy.root } });
      await fleet.loggedOut(5);
      let found: readonly string[] = [];
      // A race may be won by the right one for a while, on a busy machine above all.
      for (let round = 0; round < roundsMax && found.length === 0; round += 1) {
        await fault.run(fleet);
        await fleet.loggedOut(3);
        const rules = fleet.look().violations.map(({ rule }) => rule);
        found = rules.filter((rule) => /^(?:accepted|streamed)/.test(rule));
      }
      expect(found).not.toEqual([]);
    },
    patientMs(180_000),
  );
});
