import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  connectionSharesOf,
  readDescriptorLimit,
} from '../../../src/lifecycle/descriptor-limit.ts';
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

describe('the shares of clients and upstreams in the descriptors', () => {
  it.each([
    [1_024, 1_000_000, 448, 448],
    [65_536, 1_000_000, 32_704, 32_704],
    [65_536, 1_024, 64_384, 1_024],
    [20_000, 1_024, 18_848, 1_024],
    [64, 1_024, 16, 16],
    [0, 1_024, 1, 1],
    [null, 1_000_000, 5_056, 5_056],
    [1_024, 0, 895, 1],
  ])('of %s, with pools for %s, are %s and %s', (limit, upstreamsMax, clients, upstreams) => {
    expect(connectionSharesOf(limit, upstreamsMax)).toEqual({ clients, upstreams });
  });

  it('leave a reserve', () => {
    for (let limit = 300; limit < 5_000; limit += 7) {
      const { clients, upstreams } = connectionSharesOf(limit, limit % 900);
      expect(clients + upstreams + 128).toBeLessThanOrEqual(limit);
    }
  });

  it('are no cap for clients where the system has none', () => {
    expect(connectionSharesOf(Number.POSITIVE_INFINITY, 8).clients).toBe(Number.POSITIVE_INFINITY);
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
