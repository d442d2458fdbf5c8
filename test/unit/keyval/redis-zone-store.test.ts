import { expect, it } from 'vitest';
import { RedisZoneStore } from '../../../src/keyval/redis-zone-store.ts';
import { ZoneCodec } from '../../../src/keyval/zone-codec.ts';
import { Secret } from '../../../src/lib/secret.ts';
import { MessageSeal } from '../../../src/tokens/message-seal.ts';
import { ValueSeal } from '../../../src/tokens/value-seal.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const keys = {
  keys: [{ id: 'k', secret: new Secret('0123456789abcdef0123456789abcdef-key') }],
};

/** What the store says of an entry that lives for so long, where Redis has this end for it. */
async function endOf(livesMs: number | null, said: string): Promise<number | undefined> {
  const clock = new ManualClock(1_000_000);
  const values = new ValueSeal(keys);
  const row = new ZoneCodec(values).encode('z', { key: 'a', value: 'x', livesMs });
  const store = new RedisZoneStore(
    {
      ask: async () => [1, [row.tag, said, Buffer.from(row.sealed).toString('base64url')]],
      isReplicated: async () => null,
      report: (error) => {
        throw error;
      },
      toOurs: (serverMs) => serverMs,
      parts: {
        connect: () => Promise.reject(new Error('nobody connects')),
        ...{ prefix: 'p', values, messages: new MessageSeal(keys), clock },
        ...{ worker: '0123456789abcdef', boundMs: 1_000 },
      },
    },
    1_000,
  );
  const answer = await store.read('z', 'a');
  return answer.kind === 'found' ? answer.entry.endsAtMs : undefined;
}

it('an entry in Redis lives no longer from now than is sealed in it, whatever end Redis has', async () => {
  expect(await endOf(5_000, '1004000')).toBe(1_004_000);
  expect(await endOf(5_000, '9999999')).toBe(1_005_000);
  expect(await endOf(5_000, '-')).toBe(1_005_000);
  expect(await endOf(null, '-')).toBe(Infinity);
});
