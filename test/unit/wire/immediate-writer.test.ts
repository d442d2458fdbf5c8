import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { ImmediateWriter } from '../../../src/wire/immediate-writer.ts';
import { PieceWriter } from '../../../src/wire/piece-writer.ts';
import { READ_BYTES_MAX, ReadBuffer } from '../../../src/wire/read-buffer.ts';
import { CertificateFolder } from '../../support/certificates.ts';
import { Dice } from '../../support/random-bytes.ts';
import { SocketPair } from '../../support/socket-pair.ts';
import { waitFor } from '../../support/wait-for.ts';

/** Until the kernel takes no more. */
function fill(writer: ImmediateWriter): number {
  const piece = Buffer.alloc(65_536, 'x');
  for (let total = 0; ;) {
    const taken = writer.write(piece, 0, piece.length);
    total += taken;
    if (taken === 0) return total;
  }
}

describe('octets that are written at once', () => {
  it('have left when the call is over, and may be written over', async () => {
    await using pair = await SocketPair.open();
    const writer = new ImmediateWriter(pair.near);
    const lent = Buffer.from('..octets..');
    expect(writer.write(lent, 2, 8)).toBe(6);
    lent.fill('?');
    pair.near.end();
    expect(String(await pair.read())).toBe('octets');
  });

  it('are as many as the kernel has room for, and none overtakes what the socket holds', async () => {
    await using pair = await SocketPair.open();
    const writer = new ImmediateWriter(pair.near);
    const taken = fill(writer);
    expect(taken).toBeGreaterThan(0);
    pair.near.write('held');
    expect(pair.near.writableLength).toBe(4);
    let early = 0;
    pair.far.on('data', () => {
      // The kernel has room before the socket hears of it.
      if (pair.near.writableLength > 0) early += writer.write(Buffer.from('early'), 0, 5);
    });
    const all = pair.read();
    await waitFor('room', () => pair.near.writableLength === 0);
    expect(early).toBe(0);
    expect(writer.write(Buffer.from('late'), 0, 4)).toBe(4);
    pair.near.end();
    expect(writer.write(Buffer.from('past the end'), 0, 12)).toBe(0);
    const bytes = await all;
    expect(bytes).toHaveLength(taken + 8);
    expect(bytes.toString('latin1', taken)).toBe('heldlate');
  });

  it('are none where the connection is gone', async () => {
    await using pair = await SocketPair.open();
    const writer = new ImmediateWriter(pair.near);
    pair.far.resetAndDestroy();
    await waitFor('the kernel to know', () => writer.write(Buffer.from('abc'), 0, 3) === 0);
    await waitFor('the socket to know', () => pair.near.destroyed);
    expect(writer.write(Buffer.from('abc'), 0, 3)).toBe(0);
  });

  it('are none where the runtime has no such handle', async () => {
    await using pair = await SocketPair.open();
    const handle: unknown = Reflect.get(pair.near, '_handle');
    if (typeof handle === 'object' && handle !== null) {
      Object.defineProperty(handle, 'fd', { value: undefined });
    }
    expect(new ImmediateWriter(pair.near).write(Buffer.from('abc'), 0, 3)).toBe(0);
  });

  it('never go out in the clear under TLS', async () => {
    await using folder = await CertificateFolder.make();
    const { certFile, keyFile } = await folder.issue({ names: ['IP:127.0.0.1'] });
    const [cert, key] = [await readFile(certFile), await readFile(keyFile)];
    const server = tls.createServer({ cert, key }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo; // bound to a port above
    const secured = once(server, 'secureConnection');
    const client = tls.connect({ port, host: '127.0.0.1', ca: cert });
    const [accepted] = (await secured) as [tls.TLSSocket];
    // It has a descriptor like any other.
    expect(Reflect.get(Object(Reflect.get(accepted, '_handle')), 'fd')).toBeGreaterThan(0);
    for (const socket of [accepted, client]) {
      expect(new ImmediateWriter(socket).write(Buffer.from('abc'), 0, 3)).toBe(0);
    }
    accepted.end('deciphered');
    const [piece] = (await once(client, 'data')) as [Buffer];
    expect(String(piece)).toBe('deciphered');
    client.destroy();
    server.close();
    await once(server, 'close');
  });
});

describe('the parts of a message to a reader who is slow', () => {
  it('come as they were written, of whatever size and wherever they were lent from', async () => {
    const dice = new Dice(20261122);
    for (let round = 0; round < 5; round++) {
      await using pair = await SocketPair.open();
      const writer = new PieceWriter(pair.near);
      const lent = new ReadBuffer();
      const written: Buffer[] = [];
      for (let part = 0; part < 200; part++) {
        const bytes = dice.bytes(64 + dice.below(dice.below(4) === 0 ? READ_BYTES_MAX - 64 : 9000));
        if (dice.below(3) === 0) {
          const text = bytes.toString('latin1', 0, 400);
          writer.text(text);
          written.push(Buffer.from(text, 'latin1'));
        }
        bytes.copy(lent.longRoom);
        const start = ReadBuffer.start + dice.below(60);
        writer.piece(lent.bytes, start, ReadBuffer.start + bytes.length, false);
        written.push(Buffer.from(bytes.subarray(start - ReadBuffer.start)));
        lent.bytes.fill('?');
        if (dice.below(4) === 0) writer.flush();
      }
      writer.flush();
      const all = pair.read();
      pair.near.end();
      expect(Buffer.concat(written).equals(await all)).toBe(true);
    }
  });
});
