import { expect, it } from 'vitest';
import { runThrough } from '../../support/differential/run.ts';
import { FRESH_MESSAGES, FRESH_SEED } from '../../support/differential/seed.ts';
import { patientMs } from '../../support/patience.ts';

it(
  `messages of seed ${String(FRESH_SEED)}, new in every run, are read as Node reads them or refused`,
  { timeout: patientMs(120_000 + FRESH_MESSAGES) },
  async () => {
    process.stdout.write(`differential: DIFFERENTIAL_SEED=${String(FRESH_SEED)}\n`);
    const { accepted, messages } = await runThrough(FRESH_SEED, FRESH_MESSAGES);
    expect(messages).toBe(FRESH_MESSAGES);
    expect(accepted).toBeGreaterThan(FRESH_MESSAGES / 4);
  },
);
