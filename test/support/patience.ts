/**
 * One factor for slow machines: every deadline of the suite is multiplied by it, nothing else is. 1 to 20; 1 suits two
 * idle cores. `PORTCULLIS_TEST_PATIENCE=4 npm test` on a machine that is four times slower.
 */
const patience = readPatience(process.env['PORTCULLIS_TEST_PATIENCE']);

function readPatience(text: string | undefined): number {
  const factor = Number(text ?? (process.env['CI'] === undefined ? '1' : '2'));
  if (!Number.isFinite(factor) || factor < 1 || factor > 20) {
    throw new Error(`PORTCULLIS_TEST_PATIENCE must be a number from 1 to 20, not ${String(text)}`);
  }
  return factor;
}

/** The length of a deadline on this machine. */
export function patientMs(ms: number): number {
  return Math.ceil(ms * patience);
}
