import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

/** Bytes that look random and are the same in every run. */
function* noise(seed: string): Generator<Buffer> {
  for (let round = 0; ; round++)
    yield createHash('sha256')
      .update(`${seed} ${String(round)}`)
      .digest();
}

const whole = request('POST', '/public/x', ['A: b', 'Content-Length: 5'], 'hello');

/** One message with some of its bytes changed, cut off or doubled. */
function mutated(random: Buffer): Buffer {
  const bytes = Buffer.from(whole, 'latin1');
  const at = (index: number): number => (random[index] ?? 0) % bytes.length;
  for (let change = 0; change < 1 + (at(0) % 3); change++)
    bytes[at(change + 1)] = random[change + 9] ?? 0;
  if ((random[5] ?? 0) < 64) return bytes.subarray(0, at(6));
  if ((random[5] ?? 0) < 96) return Buffer.concat([bytes, bytes.subarray(at(6))]);
  return bytes;
}

describe.each(bothAnswers)('P62: no input ends the process, under %s', (answers) => {
  const scene = useScene({ answers, edge: { timeouts: { head: '1s', bodyIdle: '1s' } } });

  const expectAlive = async (): Promise<void> => {
    expect(scene.gateway.process.hasExited).toBe(false);
    await scene.passes(request('GET', '/public/alive'));
    // The log knows no event of an exception that nobody caught, and nothing else is written there.
    const { stderr } = scene.gateway.process;
    for (const line of stderr.split('\n').filter((text) => text !== '')) {
      expect(line).toMatch(/^\{"time":"[^"]+","level":"(info|warn)",/);
    }
  };

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype'])(
    'a field %s is a field like others',
    async (name) => {
      const received = await scene.passes(request('GET', '/public/x', [`${name}: x`, 'Y: z']));
      expect(received.values('y')).toEqual(['z']);
      await expectAlive();
    },
  );

  it.each(['__proto__', 'constructor', '__proto__=x; portcullis'])(
    'a cookie %s is a cookie like others',
    async (name) => {
      const status = answers === 'modern' ? 401 : 403;
      await scene.declines(request('GET', '/api/x', [`Cookie: ${name}=x`]), status);
      await expectAlive();
    },
  );

  it('bytes without any sense are refused or dropped', async () => {
    const random = noise('bytes');
    for (let round = 0; round < 100; round++) {
      await using client = await scene.connect();
      client.write(Buffer.concat([random.next().value, Buffer.from('\r\n\r\n')]));
      const response = await client.response();
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(600);
    }
    await expectAlive();
  });

  it('mutated messages are answered or refused', async () => {
    const random = noise('mutations');
    for (let round = 0; round < 200; round++) {
      await using client = await scene.connect();
      client.write(mutated(random.next().value)).end();
      await client.closed();
      expect(client.pending.toString('latin1')).toMatch(/^(HTTP\/1\.1 [2-5]\d\d |$)/);
    }
    scene.mark();
    await expectAlive();
  });

  it('clients that reset at any byte are forgotten', async () => {
    for (let length = 0; length < whole.length; length += 3) {
      const client = await scene.connect();
      client.write(whole.slice(0, length));
      client.reset();
    }
    await expectAlive();
  });
});
