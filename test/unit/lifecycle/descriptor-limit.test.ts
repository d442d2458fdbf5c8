import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionsMaxFor, readDescriptorLimit } from '../../../src/lifecycle/descriptor-limit.ts';
import { listenFailure } from '../../../src/lifecycle/listen-failure.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-limits-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function limitIn(text: string): Promise<number | null> {
  const path = join(folder, 'limits');
  await writeFile(path, text);
  return readDescriptorLimit(path);
}

const head = 'Limit                     Soft Limit           Hard Limit           Units     \n';

describe('the descriptor limit', () => {
  it('is the soft one that the system names', async () => {
    const processes =
      'Max processes             100                  200                  processes \n';
    const line = 'Max open files            1024                 524288               files     \n';
    expect(await limitIn(head + processes + line)).toBe(1024);
  });

  it('may be none', async () => {
    const line = 'Max open files            unlimited            unlimited            files     \n';
    expect(await limitIn(head + line)).toBe(Number.POSITIVE_INFINITY);
  });

  it('is not known where the system does not say', async () => {
    expect(await limitIn(head)).toBeNull();
    expect(await readDescriptorLimit(join(folder, 'nothing'))).toBeNull();
  });
});

describe('the cap on client connections', () => {
  it.each([
    [1_024, 0, 448],
    [65_536, 0, 32_704],
    [65_536, 1_000, 1_000],
    [1_024, 10_000, 448],
    [64, 0, 16],
    [0, 0, 1],
    [null, 0, 5_056],
    [null, 100, 100],
    [Number.POSITIVE_INFINITY, 100, 100],
  ])('under a limit of %s, configured as %s, is %s', (limit, configured, expected) => {
    expect(connectionsMaxFor(limit, configured)).toBe(expected);
  });

  it('leaves each client an upstream connection and a reserve', () => {
    for (let limit = 300; limit < 5_000; limit += 7) {
      expect(2 * connectionsMaxFor(limit, 0) + 128).toBeLessThanOrEqual(limit);
    }
  });

  it('is no cap where the system has none', () => {
    expect(connectionsMaxFor(Number.POSITIVE_INFINITY, 0)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('a listener that cannot listen', () => {
  it.each([
    ['EADDRINUSE', 'Cannot listen on 127.0.0.1:8081: the port is in use by another process.'],
    ['EACCES', 'Cannot listen on 127.0.0.1:8081: this user may not open that port.'],
    ['EOTHER', 'Cannot listen on 127.0.0.1:8081: EOTHER.'],
  ])('says so in one sentence: %s', (code, sentence) => {
    const error = Object.assign(new Error('listen'), { code });
    expect(listenFailure('127.0.0.1:8081', error)).toBe(sentence);
  });
});
