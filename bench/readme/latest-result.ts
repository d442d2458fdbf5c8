import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../command/usage-error.ts';
import { listAt, textAt } from '../report/known-figures.ts';
import type { BenchResult } from '../results/result-file.ts';

const folder = join(import.meta.dirname, '../results');

/** Throws for what is no result. */
export function readResult(path: string): BenchResult {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (listAt(value, 'rows').length === 0 || textAt(value, 'machine', 'cpu') === null) {
    throw new UsageError(`${path} is not what npm run bench -- --json writes`);
  }
  // `npm run bench` wrote it.
  return value as BenchResult;
}

/** Where the newest of the kept results is: their names begin with their day. */
export function latestResultPath(): string {
  const name = readdirSync(folder)
    .filter((file) => /^\d{4}-\d\d-\d\d.*\.json$/.test(file))
    .toSorted()
    .at(-1);
  if (name === undefined) throw new Error(`there is no result in ${folder}`);
  return join(folder, name);
}
