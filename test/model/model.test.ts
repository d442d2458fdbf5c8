import { describe, expect, test } from 'vitest';
import { modelChecks } from '../../model/checks.ts';
import { checkModel } from '../../model/model-checker.ts';
import { patientMs } from '../support/patience.ts';

const timeoutMs = patientMs(60_000);

/** The small checks; `npm run model` has all. */
describe('the model of a revocation', () => {
  test.each(modelChecks.filter(({ isShort }) => isShort))(
    'is as it should be: $title, $expected',
    async (check) => {
      const { detail, verdict } = await checkModel(check, timeoutMs);
      expect(verdict, detail).toBe(check.expected);
    },
    timeoutMs,
  );
});
