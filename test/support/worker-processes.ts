import type { Gateway } from './gateway.ts';
import { Process } from './gateway.ts';
import { within } from './wait-for.ts';

export interface SeenWorker {
  readonly worker: number;
  readonly pid: number;
  readonly state: string;
  readonly generation: number;
}

export interface SeenNodes {
  readonly pid: number;
  readonly generation: number;
  readonly isConfigTaken: boolean;
  readonly workers: readonly SeenWorker[];
}

/** A command of the command line, to its end. */
export async function run(
  ...args: readonly string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = new Process(args);
  const { code } = await within(`portcullis ${args.join(' ')}`, child.exit, 30_000);
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** What `portcullis nodes` says of a gateway. */
export async function nodesOf(gateway: Gateway): Promise<SeenNodes> {
  const { stdout, stderr } = await run('nodes', '--json', '--config', gateway.configPath);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as SeenNodes; // JSON.parse knows no types
}
