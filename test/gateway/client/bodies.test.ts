import { describe, expect, it } from 'vitest';
import { chunked, raw, respond, type Answer } from '../../support/recording-upstream.ts';
import { Dice, digest, inChunks } from '../../support/random-bytes.ts';
import { request } from '../../support/request.ts';
import { useScene } from '../../support/scene.ts';
import { waitFor } from '../../support/wait-for.ts';

const sizes = [0, 1, 2, 100, 4095, 4096, 65_535, 65_536, 65_537, 300_000, 1_500_000];
const seed = 20_260_907;

describe('bodies pass byte for byte', () => {
  const scene = useScene();

  it.each(sizes)('%i bytes with a length, to the upstream', async (size) => {
    const dice = new Dice(seed + size);
    const body = dice.bytes(size);
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', [`Content-Length: ${String(size)}`]));
    await client.writePieces(dice.pieces(body, 50_000));
    expect((await client.response()).status).toBe(200);
    const [received] = scene.forwarded();
    expect(received?.values('content-length')).toEqual([String(size)]);
    expect(digest(received?.body ?? Buffer.from('none'))).toBe(digest(body));
  });

  it.each(sizes)('%i bytes in chunks, to the upstream', async (size) => {
    const dice = new Dice(seed + size);
    const body = dice.bytes(size);
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Transfer-Encoding: chunked']));
    await client.writePieces(dice.pieces(inChunks(body, dice, 30_000), 50_000));
    expect((await client.response()).status).toBe(200);
    const [received] = scene.forwarded();
    expect(received?.framing).toBe('chunked');
    expect(digest(received?.body ?? Buffer.from('none'))).toBe(digest(body));
  });

  it.each(sizes)('%i bytes with a length, to the client', async (size) => {
    const body = new Dice(seed + size).bytes(size);
    scene.upstream.answer = respond(200, [], body);
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.value('content-length')).toBe(String(size));
    expect(digest(response.body)).toBe(digest(body));
  });

  it.each(sizes)('%i bytes in chunks, to the client', async (size) => {
    const dice = new Dice(seed + size);
    const body = dice.bytes(size);
    scene.upstream.answer = chunked([...dice.pieces(body, 30_000)]);
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.framing).toBe('chunked');
    expect(digest(response.body)).toBe(digest(body));
  });

  it('ten thousand bytes in chunks of ten, both ways, in few chunks', async () => {
    const body = Buffer.alloc(10_000, '0123456789');
    const coded = `${'a\r\n0123456789\r\n'.repeat(1000)}0\r\n\r\n`;
    const sizeLines = (text: string): number =>
      text.split('\r\n').filter((line) => /^[0-9a-f]{1,5}$/.test(line)).length;
    scene.upstream.answer = raw(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${coded}`);
    await using client = await scene.connect();
    client.write(request('POST', '/public/x', ['Transfer-Encoding: chunked'], coded));
    await waitFor('the answer', () => client.pending.includes('\r\n0\r\n\r\n'));
    // As many as there were reads, and the last one.
    expect(sizeLines(client.pending.toString('latin1'))).toBeLessThan(10);
    expect((await client.response()).body.equals(body)).toBe(true);
    expect(scene.forwarded()[0]?.body.equals(body)).toBe(true);
    const sent = scene.upstream.connections.at(-1)?.text() ?? '';
    expect(sizeLines(sent.slice(sent.lastIndexOf('POST ')))).toBeLessThan(10);
  });

  it('bytes until the end of the connection, to the client in chunks', async () => {
    const body = new Dice(seed).bytes(200_000);
    scene.upstream.answer = ({ connection }) => {
      connection.write('HTTP/1.1 200 OK\r\n\r\n');
      connection.socket.end(body);
    };
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.framing).toBe('chunked');
    expect(digest(response.body)).toBe(digest(body));
  });

  it('bytes until the end of a connection of HTTP/1.0, to the client in chunks', async () => {
    scene.upstream.answer = ({ connection }) => {
      connection.socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold but good');
    };
    const { response } = await scene.send(request('GET', '/public/x'));
    expect(response.version).toBe('HTTP/1.1');
    expect(response.text()).toBe('old but good');
  });

  it('request and answer at the same time, split at random, with a session', async () => {
    const dice = new Dice(seed);
    const echo: Answer = (turn) => chunked([...dice.pieces(turn.request.body, 9_000)])(turn);
    scene.upstream.answer = echo;
    await using client = await scene.connect();
    for (let round = 0; round < 20; round++) {
      const body = dice.bytes(dice.below(60_000));
      const isChunked = dice.below(2) === 0;
      const framing = isChunked
        ? 'Transfer-Encoding: chunked'
        : `Content-Length: ${String(body.length)}`;
      const head = request('PUT', '/api/x', [`Cookie: ${scene.cookie}`, framing]);
      const bytes = Buffer.concat([
        Buffer.from(head),
        isChunked ? inChunks(body, dice, 5_000) : body,
      ]);
      await client.writePieces(dice.pieces(bytes, 20_000));
      const response = await client.response();
      expect(response.status).toBe(200);
      expect(digest(response.body)).toBe(digest(body));
    }
  });
});
