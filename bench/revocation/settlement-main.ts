import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/** Lines that are kept before they are written. */
const linesMax = 500;

/**
 * The workers are started with this (`NODE_OPTIONS`): for each revocation it writes down how long it took from sending
 * the script, and from its answer, to the last acknowledgement. `/metrics` has the latter, in the steps of a histogram.
 */
async function record(folder: string): Promise<void> {
  const { Barrier } = await import('../../src/coherence/barrier.ts');
  const { RedisSessionStore } = await import('../../src/session/redis-session-store.ts');
  const sentAtMs = new WeakMap<object, number>();
  let lines: string[] = [];
  const write = (): void => {
    if (lines.length > 0) appendFileSync(join(folder, String(process.pid)), lines.join(''));
    lines = [];
  };
  process.on('exit', write);
  const { revoke } = RedisSessionStore.prototype;
  RedisSessionStore.prototype.revoke = async function recorded(...args) {
    const beganAtMs = performance.now();
    const answer = await revoke.apply(this, args);
    if (answer.kind === 'revoked' && answer.commit) sentAtMs.set(answer.commit, beganAtMs);
    return answer;
  };
  const { settle } = Barrier.prototype;
  Barrier.prototype.settle = async function recorded(commit) {
    const answeredAtMs = performance.now();
    const settlement = await settle.call(this, commit);
    const nowMs = performance.now();
    const [whole, rest] = [nowMs - (sentAtMs.get(commit) ?? NaN), nowMs - answeredAtMs];
    // On the machine's clock, which is the same in every process.
    const machineMs = Number(process.hrtime.bigint()) / 1e6;
    lines.push(`${machineMs.toFixed(0)} ${whole.toFixed(3)} ${rest.toFixed(3)}\n`);
    if (lines.length >= linesMax) write();
    return settlement;
  };
}

const folder = process.env['PORTCULLIS_BENCH_SETTLEMENTS'];
if (folder !== undefined && isMainThread) await record(folder);
