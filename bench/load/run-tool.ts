import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

const running = new Set<ChildProcess>();

/** Runs a load generator that is a program of its own, to its output. */
export async function runTool(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
    });
    const [output, errors, code] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      ended,
    ]);
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors || output}`);
    return output;
  } finally {
    running.delete(child);
  }
}

/** None of them outlives us. */
export function stopTools(): void {
  for (const child of running) child.kill('SIGKILL');
}
