import { readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CertificateFolder, type MadeCertificate } from '../../support/certificates.ts';
import { Gateway } from '../../support/gateway.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { waitFor } from '../../support/wait-for.ts';

const request = 'GET /fixed HTTP/1.1\r\nHost: one.example\r\n\r\n';
const names = ['one.example'];

async function start(certificate: MadeCertificate): Promise<Gateway> {
  return await Gateway.planned({
    upstreamPorts: [1],
    edge: { tls: { certificates: [certificate], reloadInterval: '100ms' } },
    routes: [{ exactPath: '/fixed', auth: 'none', respond: { status: 200 } }],
  });
}

async function fingerprintOf({ certFile }: MadeCertificate): Promise<string> {
  return new X509Certificate(await readFile(certFile)).fingerprint256;
}

async function shown(gateway: Gateway): Promise<string> {
  await using client = await RawClient.connect(gateway.edge, {
    tls: { servername: 'one.example' },
  });
  await client.write(request).response(); // the server's side of the handshake is over, too
  return client.secure.getPeerCertificate().fingerprint256;
}

const isOk = (gateway: Gateway): Promise<number> =>
  gateway.metric('portcullis_certificate_reload_ok');
const faults = (gateway: Gateway): Promise<number> =>
  gateway.metric('portcullis_certificate_reload_failures_total');

/** New connections and some that stay, on both protocols, request after request, until told to stop. */
function load(gateway: Gateway): { stop(): Promise<{ requests: number }> } {
  let isStopped = false;
  let requests = 0;
  const kept = async (): Promise<void> => {
    await using client = await RawClient.connect(gateway.edge);
    while (!isStopped) {
      expect((await client.write(request).response()).status).toBe(200);
      requests += 1;
    }
  };
  const fresh = async (): Promise<void> => {
    while (!isStopped) {
      expect((await ask(gateway.edge, request)).status).toBe(200);
      requests += 1;
    }
  };
  const get = { ':path': '/fixed', ':authority': 'one.example' };
  const keptHttp2 = async (): Promise<void> => {
    await using client = await Http2Client.connect(gateway.edge);
    while (!isStopped) {
      const answers = await Promise.all([client.ask(get), client.ask(get)]);
      expect(answers.map(({ status, code }) => `${status} ${code}`)).toEqual(['200 0', '200 0']);
      requests += 2;
    }
    expect(client.goaway).toBeNull();
  };
  const freshHttp2 = async (): Promise<void> => {
    while (!isStopped) {
      await using client = await Http2Client.connect(gateway.edge);
      expect((await client.ask(get)).status).toBe(200);
      requests += 1;
    }
  };
  const running = Promise.all([kept(), kept(), fresh(), fresh(), keptHttp2(), freshHttp2()]);
  return {
    stop: async () => {
      isStopped = true;
      await running;
      return { requests };
    },
  };
}

describe('certificates whose files change', () => {
  it('are replaced under load by a good pair, and kept where the new one is broken; no connection drops', async () => {
    await using folder = await CertificateFolder.make();
    const current = await folder.issue({ names });
    const next = await folder.issue({ names });
    const [before, after] = [await fingerprintOf(current), await fingerprintOf(next)];
    await using gateway = await start(current);
    expect(await shown(gateway)).toBe(before);
    const traffic = load(gateway);

    await writeFile(current.certFile, 'no certificate\n');
    await waitFor('the fault', async () => (await isOk(gateway)) === 0);
    expect(await shown(gateway)).toBe(before);

    await folder.replace(current, next);
    await waitFor('the new one', async () => (await shown(gateway)) === after);
    await waitFor('the metric', async () => (await isOk(gateway)) === 1);
    expect(await gateway.metric('portcullis_certificate_reloads_total')).toBe(1);
    const hexadecimal = after.replaceAll(':', '').toLowerCase();
    expect(await gateway.metric('portcullis_certificate_info', hexadecimal)).toBe(1);
    expect(await gateway.metric('portcullis_certificate_info')).toBe(1);

    const { requests } = await traffic.stop();
    expect(requests).toBeGreaterThan(20);
    expect(await gateway.metric('portcullis_tls_failures_total')).toBe(0);
  });

  it.each([
    [
      'a key of another certificate',
      /holds the key of another certificate/,
      async (_folder: CertificateFolder, current: MadeCertificate, other: MadeCertificate) => {
        await writeFile(current.keyFile, await readFile(other.keyFile));
      },
    ],
    [
      'a certificate that has expired',
      /has expired/,
      async (folder: CertificateFolder, current: MadeCertificate) => {
        const dates = ['20200101000000Z', '20200102000000Z'] as const;
        await folder.replace(current, await folder.issue({ names, dates }));
      },
    ],
    [
      'a certificate that is not valid yet',
      /not valid yet/,
      async (folder: CertificateFolder, current: MadeCertificate) => {
        const dates = ['20990101000000Z', '20990102000000Z'] as const;
        await folder.replace(current, await folder.issue({ names, dates }));
      },
    ],
  ])('are kept instead of %s, which is logged once', async (_what, words, spoil) => {
    await using folder = await CertificateFolder.make();
    const current = await folder.issue({ names });
    const good = [await readFile(current.certFile), await readFile(current.keyFile)] as const;
    const other = await folder.issue({ names });
    await using gateway = await start(current);
    const before = await shown(gateway);
    await spoil(folder, current, other);
    await waitFor('the reason', () => words.test(gateway.process.stderr + gateway.process.stdout));
    const seen = await faults(gateway);
    expect(await isOk(gateway)).toBe(0);
    expect(await shown(gateway)).toBe(before);
    // Some looks later still the same.
    const expired = await gateway.metric('portcullis_certificate_not_after_timestamp_seconds');
    expect(expired).toBeGreaterThan(1_700_000_000);
    await ask(gateway.edge, request);
    expect(await faults(gateway)).toBe(seen);
    await writeFile(current.certFile, good[0]);
    await writeFile(current.keyFile, good[1]);
    await waitFor('the old pair again', async () => (await isOk(gateway)) === 1);
  });

  it('are found where a link to their folder is swapped, as Kubernetes does it', async () => {
    await using folder = await CertificateFolder.make();
    const [one, two] = [await folder.issue({ names }), await folder.issue({ names })];
    const link = join(folder.path, 'tls.pem');
    const key = join(folder.path, 'tls.key');
    await symlink(one.certFile, link);
    await symlink(one.keyFile, key);
    await using gateway = await start({ certFile: link, keyFile: key });
    for (const [target, path] of [
      [two.keyFile, key],
      [two.certFile, link],
    ] as const) {
      await symlink(target, `${path}.new`);
      await rename(`${path}.new`, path);
    }
    const wanted = await fingerprintOf(two);
    await waitFor('the new one', async () => (await shown(gateway)) === wanted);
  });
});
