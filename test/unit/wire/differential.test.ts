import { describe, expect, it } from 'vitest';
import { REFUSAL_STATUS, type Refusal } from '../../../src/wire/refusals.ts';
import { readByServer } from '../../support/differential/node-server.ts';
import { readWhole } from '../../support/differential/our-reader.ts';
import { runThrough, type Tally } from '../../support/differential/run.ts';
import { sampleOf } from '../../support/differential/sample.ts';
import { FIXED_SEED } from '../../support/differential/seed.ts';
import { patientMs } from '../../support/patience.ts';

const MESSAGES = 200_000;
const EACH_AT_LEAST = 100;

/** Reasons that no octets alone give: time, a client that is gone, and what depends on routes and certificates. */
const NOT_OF_THE_CODEC: ReadonlySet<string> = new Set<Refusal>([
  'head-timeout',
  'body-timeout',
  'body-incomplete',
  'path-parameters',
  'path-escapes',
  'host-mismatch',
  'coding-in-http2',
  'field-alias',
  'host-misdirected',
  'peer-untrusted',
  'not-described',
  'target-not-canonical',
  'handshake-unsound',
  'upgrade-early',
]);
const REASONS = Object.keys(REFUSAL_STATUS).filter((reason) => !NOT_OF_THE_CODEC.has(reason));

describe(`${String(MESSAGES)} generated and mutated messages, read by us in two ways and by Node`, () => {
  let tally: Tally | undefined;

  it(
    'are accepted only with the reading that Node has, in whatever pieces they come',
    { timeout: patientMs(120_000) },
    async () => {
      tally = await runThrough(FIXED_SEED, MESSAGES);
      expect(tally.messages).toBe(MESSAGES);
    },
  );

  it('are accepted in at least a quarter of the cases', () => {
    expect(tally?.accepted).toBeGreaterThan(MESSAGES / 4);
  });

  it('go on to a second request that is accepted, often enough', () => {
    expect(tally?.acceptedTwice).toBeGreaterThan(MESSAGES / 20);
  });

  it.each(REASONS)('are refused for %s often enough', (reason) => {
    expect(tally?.refusals.get(reason) ?? 0).toBeGreaterThanOrEqual(EACH_AT_LEAST);
  });
});

describe('a server of node:http', () => {
  it('reads what we accept as its parser alone does', { timeout: patientMs(60_000) }, async () => {
    let compared = 0;
    for (let index = 0; compared < 2000; index++) {
      const sample = sampleOf(FIXED_SEED, index);
      const bytes = Buffer.from(sample.text, 'latin1');
      const ours = readWhole(bytes, sample.isStrict).requests.filter(({ isWhole }) => isWhole);
      // It drops what comes in one piece with a request for an upgrade, though it gives none.
      const upgradeAt = ours.findIndex(({ fields }) =>
        fields.some((text) => /^upgrade$/i.test(text)),
      );
      const expected = upgradeAt < 0 ? ours : ours.slice(0, upgradeAt + 1);
      if (expected.length === 0) continue;
      const served = await readByServer(bytes, expected.length);
      expect(served.slice(0, expected.length), JSON.stringify(sample)).toEqual(expected);
      compared++;
    }
  });
});
