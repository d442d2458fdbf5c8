import { describe, expect, it } from 'vitest';
import { SendProgress } from '../../../src/wire/send-progress.ts';
import { SocketPair } from '../../support/socket-pair.ts';
import { waitFor } from '../../support/wait-for.ts';

describe('what waits for a peer', () => {
  it.each([
    ['in one piece', 1],
    ['in many', 512],
  ])('%s moves while some of it leaves, and not when nothing does', async (_how, pieces) => {
    await using pair = await SocketPair.open();
    const total = 32 * 1024 * 1024;
    for (let piece = 0; piece < pieces; piece++) pair.near.write(Buffer.alloc(total / pieces, 'x'));
    const progress = new SendProgress(pair.near);
    progress.begin();
    await waitFor('the kernel to be full', () => !progress.hasMoved());
    let taken = 0;
    pair.far.on('data', (piece: Buffer) => {
      taken += piece.length;
      if (taken > total / 3) pair.far.pause();
    });
    pair.far.resume();
    await waitFor('a part to leave', () => progress.hasMoved());
    await waitFor('the rest to stay', () => taken > total / 3 && !progress.hasMoved());
    expect(pair.near.writableLength).toBeGreaterThan(0);
  });

  it('has not moved where less has left than makes a difference, or nothing waits', async () => {
    await using pair = await SocketPair.open();
    const progress = new SendProgress(pair.near);
    progress.begin();
    expect(progress.hasMoved()).toBe(false);
    pair.near.cork();
    pair.near.write('x'.repeat(60_000));
    progress.begin();
    pair.near.uncork();
    await waitFor('it to leave', () => pair.near.writableLength === 0);
    expect(progress.hasMoved()).toBe(false);
  });
});
