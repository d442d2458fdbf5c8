import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';

/** What the figures depend on. Results of two machines are not to be compared. */
export interface Machine {
  readonly commit: string;
  readonly hasLocalChanges: boolean;
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  readonly node: string;
  readonly v8: string;
  readonly autocannon: string;
}

const root = join(import.meta.dirname, '../..');

function git(...args: string[]): string {
  const { status, stdout } = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

function autocannonVersion(): string {
  const path = join(root, 'node_modules/autocannon/package.json');
  return /"version":\s*"([^"]+)"/.exec(readFileSync(path, 'utf8'))?.[1] ?? 'unknown';
}

export function describeMachine(): Machine {
  return {
    commit: git('rev-parse', 'HEAD') || 'unknown',
    hasLocalChanges: git('status', '--porcelain') !== '',
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    kernel: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    autocannon: autocannonVersion(),
  };
}
