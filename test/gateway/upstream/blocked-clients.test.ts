import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { raw, RecordingUpstream } from '../../support/recording-upstream.ts';
import { chunk, lastChunk, request } from '../../support/request.ts';
import { waitForRest } from '../../support/wait-for.ts';

// One segment on the loopback, so one read of the gateway; and more than is joined with others before it is written.
const body = 'x'.repeat(20_000);
// More answers than any two kernel buffers hold.
const many = 2000;

describe('a client that stops reading', () => {
  it.each([
    ['a length', `Content-Length: ${String(body.length)}\r\n\r\n${body}`],
    ['chunks', `Transfer-Encoding: chunked\r\n\r\n${chunk(body)}${lastChunk}`],
  ])('at the end of an answer with %s harms nobody else', async (_kind, rest) => {
    await using upstream = await RecordingUpstream.start({
      answer: raw(`HTTP/1.1 200 OK\r\n${rest}`),
    });
    await using gateway = await Gateway.planned({
      upstreamPorts: [upstream.port],
      upstream: { connectionsMax: 1, firstByteTimeout: '2s' },
    });
    await using client = await RawClient.connect(gateway.edge);
    client.socket.pause();
    client.write(request('GET', '/public/unread').repeat(many));
    const answered = await waitForRest('the answers', () => upstream.requests.length);
    expect(answered, 'the client is blocked').toBeLessThan(many);
    // The one upstream connection is free, and it is the one on which the blocked client had its last answer.
    const other = request('POST', '/public/other', ['Content-Length: 0']);
    for (let round = 0; round < 3; round++) {
      expect((await ask(gateway.edge, other)).body).toHaveLength(body.length);
    }
    expect(upstream.connections).toHaveLength(1);
    client.socket.resume();
    for (let round = 0; round < answered; round++) {
      expect((await client.response()).body).toHaveLength(body.length);
    }
  });
});
