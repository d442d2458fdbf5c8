import { expect, it } from 'vitest';
import { CertificateFolder } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { RawClient } from '../../support/raw-client.ts';
import { RecordingUpstream, reset } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';

it('an answer to HTTP/1.0 that breaks off over TLS ends the connection, and not the gateway', async () => {
  await using folder = await CertificateFolder.make();
  await using upstream = await RecordingUpstream.start({
    answer: reset('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'),
  });
  await using gateway = await Gateway.planned({
    upstreamPorts: [upstream.port],
    edge: { tls: { certificates: [await folder.issue({ names: ['localhost'] })] } },
  });
  for (let round = 0; round < 3; round++) {
    await using client = await RawClient.connect(gateway.edge);
    client.write('GET /public/x HTTP/1.0\r\nHost: localhost\r\n\r\n');
    await client.closed();
  }
  expect(gateway.process.hasExited).toBe(false);
  await using other = await RawClient.connect(gateway.edge);
  expect((await other.write(request('OPTIONS', '*')).response()).status).toBe(204);
});
