import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Interruption } from './interruption.ts';

/**
 * Runs a measurement that has a folder to itself, which goes with it. Somebody who presses Ctrl-C is told that everything
 * was stopped; the exit code is 130 then.
 */
export async function inTemporaryFolder(
  name: string,
  measure: (directory: string, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  using interruption = new Interruption();
  const directory = mkdtempSync(join(tmpdir(), `portcullis-${name}-`));
  try {
    return await measure(directory, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.stderr.write('\ninterrupted; everything that was started is stopped\n');
    return 130;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
