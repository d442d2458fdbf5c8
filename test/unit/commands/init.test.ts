import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../../src/commands/command-line.ts';
import { runDoctor } from '../../../src/commands/doctor.ts';
import { CertificateFolder } from '../../support/certificates.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-init-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function run(...args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await runCommandLine(args, {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
  });
  return { code, out, err };
}

const modeOf = async (path: string): Promise<string> =>
  ((await stat(path)).mode & 0o777).toString(8);

describe('portcullis init', () => {
  it('writes what check and doctor find nothing wrong with, and secrets for its owner alone', async () => {
    const upstream = createServer((socket) => void socket.on('error', () => {}));
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo; // TCP
    const place = join(folder, 'new');
    const made = await run('init', place, '--upstream', `http://127.0.0.1:${String(port)}`);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(/\nuser admin, password \S{16} \(it is not shown again\)\n/);
    const config = ['--config', join(place, 'portcullis.yaml')];
    const checked = await run('check', ...config);
    expect(checked).toMatchObject({ code: 0, err: '' });
    expect(checked.out).not.toContain('warning');
    let examined = '';
    const io = { out: (text: string) => void (examined += text), err: () => {} };
    expect(await runDoctor(config, io, { descriptorLimit: 65_536 })).toBe(0);
    expect(examined).toMatch(/\nNothing found\.\n$/);
    upstream.close();
    expect(await modeOf(join(place, 'token-key'))).toBe('600');
    expect(await modeOf(join(place, 'users.db'))).toBe('600');
    const listed = await run('users', 'list', ...config);
    expect(listed.out).toBe('admin\tstaffuser\t\tenabled\n');
  });

  it('overwrites nothing; with --force the configuration, and never keys or users', async () => {
    await run('init', folder);
    const key = await readFile(join(folder, 'token-key'), 'utf8');
    const again = await run('init', folder, '--upstream', 'http://127.0.0.1:4000');
    expect(again.code).toBe(1);
    expect(again.err).toContain('is there already; --force writes it anew');
    expect(await readFile(join(folder, 'portcullis.yaml'), 'utf8')).toContain(':3000');
    const forced = await run('init', folder, '--force', '--upstream', 'http://127.0.0.1:4000');
    expect(forced.code).toBe(0);
    expect(forced.out).not.toContain('password');
    expect(await readFile(join(folder, 'portcullis.yaml'), 'utf8')).toContain(':4000');
    expect(await readFile(join(folder, 'token-key'), 'utf8')).toBe(key);
  });

  it('takes a host, an open address and a certificate', async () => {
    await using certificates = await CertificateFolder.make();
    const { certFile, keyFile } = await certificates.issue({ names: ['app.example.org'] });
    const made = await run(
      ...['init', folder, '--host', 'app.example.org', '--address', '0.0.0.0:443'],
      ...['--cert', certFile, '--key', keyFile, '--upstream', 'https://app.internal'],
    );
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).not.toContain('warning');
    expect(await readFile(join(folder, 'portcullis.yaml'), 'utf8')).toContain(
      'https://app.internal:443',
    );
  });

  it.each([
    [['--upstream', 'app'], 'needs a URL after --upstream'],
    [['--upstream', 'http://app/path'], 'needs a URL after --upstream'],
    [['--address', 'somewhere'], 'needs an address with a port'],
    [['--host', 'a b'], 'needs a host name'],
    [['--cert', 'a.pem'], 'takes --cert and --key together'],
    [['--nonsense'], 'knows the options'],
    [['more'], 'takes one folder'],
  ])('refuses %j', async (args, words) => {
    const { code, err } = await run('init', folder, ...args);
    expect(code).toBe(2);
    expect(err).toContain(words);
  });
});
