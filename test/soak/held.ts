import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { waitForRest, waitForValue } from '../support/wait-for.ts';

/** What all processes of a gateway hold together. */
export interface Held {
  readonly processes: number;
  /** After a collection, with what lies beside the heap. */
  readonly heapBytes: number;
  readonly descriptors: number;
}

const reportShape = z.object({ heapBytes: z.number(), externalBytes: z.number() });

/** Asks every process of a gateway, which was started with `held-main.ts`, and counts its descriptors. */
export async function heldBy(pid: number, folder: string): Promise<Held> {
  const pids = [pid, ...childrenOf(pid)];
  let heapBytes = 0;
  let descriptors = 0;
  for (const one of pids) {
    const path = join(folder, `held-${String(one)}.json`);
    rmSync(path, { force: true });
    process.kill(one, 'SIGUSR1');
    const report = await waitForValue(
      `process ${String(one)} to say what it holds`,
      () => read(path),
      30_000,
    );
    heapBytes += report.heapBytes + report.externalBytes;
    descriptors += descriptorsOf([one]);
  }
  return { processes: pids.length, heapBytes, descriptors };
}

/** Longer than a thread that hashes passwords waits for the next one: it has descriptors of its own. */
const steadyMs = 6_000;

/** Resolves when a gateway that nobody asks anything has opened and closed nothing for a while. */
export async function untilSteady(pid: number): Promise<void> {
  const count = (): number => descriptorsOf([pid, ...childrenOf(pid)]);
  await waitForRest('the descriptors', count, steadyMs);
}

function descriptorsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + readdirSync(`/proc/${String(pid)}/fd`).length, 0);
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

function read(path: string): z.output<typeof reportShape> | null {
  try {
    return reportShape.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null; // not yet
  }
}
