import { describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import { NameServer } from '../../support/name-server.ts';
import { ask } from '../../support/raw-client.ts';
import { RecordingUpstream, respond } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { waitFor } from '../../support/wait-for.ts';

async function get(gateway: Gateway): Promise<string> {
  const answer = await ask(gateway.edge, request('GET', '/public/x', ['Connection: close']));
  return answer.status === 200 ? answer.text() : String(answer.status);
}

describe('the name of a server', () => {
  it('leads to its addresses as they change, and to the last ones while nobody knows', async () => {
    await using one = await RecordingUpstream.start({ answer: respond(200, [], 'one') });
    const { port } = one;
    await using _two = await RecordingUpstream.start({
      host: '127.0.0.2',
      port,
      answer: respond(200, [], 'two'),
    });
    await using server = await NameServer.start({ 'app.test': ['127.0.0.1'] });
    const app = {
      servers: [`app.test:${String(port)}`],
      names: { servers: [server.address], interval: '100ms', timeout: '200ms' },
    };
    await using gateway = await Gateway.planned({
      upstreamPorts: [],
      sections: { upstreams: { app } },
    });
    expect([await get(gateway), await get(gateway)]).toEqual(['one', 'one']);
    server.names.set('app.test', ['127.0.0.1', '127.0.0.2']);
    await waitFor('both to be asked', async () => {
      const seen = new Set([await get(gateway), await get(gateway)]);
      return seen.size === 2;
    });
    server.names.set('app.test', ['127.0.0.2']);
    await waitFor('the second alone to be asked', async () => {
      const seen = [await get(gateway), await get(gateway), await get(gateway)];
      return seen.every((body) => body === 'two');
    });
    server.mode = 'fails';
    await waitFor('the outage to be said', () =>
      gateway.process.stderr.includes('"upstream.unresolved"'),
    );
    for (let round = 0; round < 3; round++) expect(await get(gateway)).toBe('two');
    await one.allClosed();
  });

  it('that nobody knows from the beginning is 503 until somebody does', async () => {
    await using one = await RecordingUpstream.start({ answer: respond(200, [], 'one') });
    await using server = await NameServer.start();
    const app = {
      servers: [`app.test:${String(one.port)}`],
      names: { servers: [server.address], interval: '100ms', timeout: '200ms' },
    };
    await using gateway = await Gateway.planned({
      upstreamPorts: [],
      sections: { upstreams: { app } },
    });
    expect(await get(gateway)).toBe('503');
    server.names.set('app.test', ['127.0.0.1']);
    await waitFor('the name to be known', async () => (await get(gateway)) === 'one');
  });
});
