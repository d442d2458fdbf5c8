import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import type { Diagnosis } from '../../../src/doctor/check.ts';
import { spoofingCheck } from '../../../src/doctor/spoofing-check.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { load } from '../../support/config-file.ts';

const config = load(`
listeners:
  edge: {address: '127.0.0.1:8081', routes: [{path: /, upstream: app}]}
upstreams: {app: {servers: ['127.0.0.1:9001']}}
directories: {own: {type: static, users: []}}
`);

async function examined(listener: RequestListener): Promise<Diagnosis> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  const url = new URL(`http://127.0.0.1:${String(port)}/`);
  try {
    return await spoofingCheck.examine({
      ...{
        config,
        files: { texts: new Map(), bytes: new Map() },
        clock: systemClock,
        nodeVersion: '',
        descriptorLimit: null,
      },
      spoofing: { url, authorities: null, cookie: null, probe: null },
    });
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Echoes the first request, and answers the others with this status. */
function tiredWith(status: number): RequestListener {
  let count = 0;
  return (request, response) => {
    count += 1;
    if (count > 1) response.writeHead(status).end();
    else response.end(JSON.stringify(request.rawHeaders));
  };
}

it.each([429, 503, 403, 200])('an answer %i that shows nothing proves nothing', async (status) => {
  const diagnosis = await examined(tiredWith(status));
  expect(diagnosis).toMatchObject({
    kind: 'looked',
    findings: [
      { fault: expect.stringMatching(`^inconclusive: .*answered ${String(status)}`) as string },
    ],
  });
});

it('a refusal of malformed fields is as good as their removal', async () => {
  expect(await examined(tiredWith(400))).toMatchObject({ kind: 'looked', findings: [] });
});

it('what arrives is found, and what arrives without it is not', async () => {
  const echo = (isKept: boolean): RequestListener => {
    return ({ rawHeaders }, response) => {
      const shown = rawHeaders.filter((text) => isKept || !text.startsWith('spoofed-'));
      response.end(JSON.stringify(shown));
    };
  };
  expect(await examined(echo(false))).toMatchObject({ kind: 'looked', findings: [] });
  expect(await examined(echo(true))).toMatchObject({
    findings: [{ fault: expect.stringMatching(/^a X-UserInfo that a client sends/) as string }],
  });
});
