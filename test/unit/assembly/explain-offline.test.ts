import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { explainOffline } from '../../../src/assembly/explain-offline.ts';
import { load } from '../../support/config-file.ts';

it('nobody is asked for keys or tokens by an explanation without a gateway', async () => {
  const calls: string[] = [];
  const service = createServer((request, response) => {
    calls.push(String(request.url));
    response.end('{"keys":[]}');
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  const { port } = service.address() as AddressInfo; // it listens on TCP
  const url = `http://127.0.0.1:${String(port)}`;
  const config = load(`
listeners:
  edge:
    address: 127.0.0.1:0
    routes:
      - {path: /b/, auth: bearer, upstream: app}
      - {path: /t/, tokenCache: main, upstream: app}
upstreams: {app: {servers: ['127.0.0.1:9001']}}
directories:
  idp: {type: token, issuer: 'https://idp.example.org', audiences: [a], keys: {url: '${url}/keys'}}
zones: {tokens: {timeout: 60s}}
tokenCaches: {main: {zone: tokens, key: [user], service: {url: '${url}/'}}}
`);
  const explained = async (path: string, ...fields: readonly string[]) =>
    await explainOffline(
      config,
      {
        ...{ deed: 'explain', listener: 'edge', port: null, from: '127.0.0.1' },
        head: [`GET ${path} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n'),
      },
      { subject: 'ada', directory: 'own', role: 'nobody', groups: [], attributes: {} },
    );
  const token = [{ alg: 'RS256', kid: 'k' }, { iss: 'https://idp.example.org' }, 'x'].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  try {
    expect(await explained('/b/', `Authorization: Bearer ${token.join('.')}`)).toMatchObject({
      value: { decision: 'answered', reason: 'unavailable' },
    });
    expect(await explained('/t/')).toMatchObject({
      value: { head: expect.stringContaining('X-Authkey: (a token would be fetched)') as string },
    });
    expect(calls).toEqual([]);
  } finally {
    service.close();
    service.closeAllConnections();
  }
});
