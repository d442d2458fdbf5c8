import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ModelCheck } from './checks.ts';

/** What a run came to. `failed` is neither: the checker ran out of something, and `detail` says of what. */
export interface ModelResult {
  readonly verdict: 'holds' | 'broken' | 'failed';
  readonly states: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly detail: string;
}

const run = promisify(execFile);
const modelPath = fileURLToPath(new URL('coherence.pml', import.meta.url));
const outputBytesMax = 16 * 1024 * 1024;

/** Translates the model with these macros, compiles it and lets it run through every state that there is. */
export async function checkModel(check: ModelCheck, timeoutMs: number): Promise<ModelResult> {
  const cwd = await mkdtemp(join(tmpdir(), 'portcullis-model-'));
  const options = { cwd, timeout: timeoutMs, maxBuffer: outputBytesMax };
  const hashBits = check.isShort ? '22' : '26';
  try {
    await copyFile(modelPath, join(cwd, 'coherence.pml'));
    await run(
      'spin',
      [...check.macros.map((macro) => `-D${macro}`), '-a', 'coherence.pml'],
      options,
    );
    const compiling = ['-O2', '-w', '-DSAFETY', '-DNOREDUCE', '-o', 'pan', 'pan.c'];
    await run('gcc', compiling, options);
    const { stdout } = await run('./pan', ['-m2000000', `-w${hashBits}`], options);
    return resultOf(stdout);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

function resultOf(output: string): ModelResult {
  const number = (pattern: RegExp): number => Number(pattern.exec(output)?.[1] ?? NaN);
  const errors = number(/errors: (\d+)/);
  const isWhole = !/error: max search depth too small|out of memory|Search not completed/.test(
    output,
  );
  const isAssertion = /assertion violated/.test(output);
  const verdict =
    errors === 0 && isWhole ? 'holds' : errors > 0 && isAssertion ? 'broken' : 'failed';
  return {
    verdict,
    states: number(/(\d+) states, stored/),
    seconds: number(/elapsed time ([\d.]+) seconds/),
    megabytes: number(/([\d.]+)\s+total actual memory usage/),
    detail: verdict === 'failed' ? output : '',
  };
}
