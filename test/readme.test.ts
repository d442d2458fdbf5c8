import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { ConfigProblems } from '../src/config/config-problems.ts';
import { loadConfig } from '../src/config/load.ts';
import { defaultCost } from '../src/passwords/argon2-cost.ts';
import { hashPassword } from '../src/passwords/hash-password.ts';
import { CertificateFolder } from './support/certificates.ts';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const [whole = '', ...parts] = [...readme.matchAll(/^```yaml\n(.*?)^```$/gms)].map(
  ([, yaml = '']) => yaml,
);
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')));

const hash = hashPassword('ada', defaultCost);

/** What stands for files and hashes in the README becomes some that exist. */
async function loaded(yaml: string): Promise<ReturnType<typeof loadConfig>> {
  await using folder = await CertificateFolder.make();
  const { certFile, keyFile } = await folder.issue({ names: ['gateway.example'] });
  const secretFile = join(folder.path, 'secret');
  writeFileSync(secretFile, randomBytes(48).toString('base64'));
  const file = join(folder.path, 'c.yaml');
  const real = yaml
    .replaceAll('/run/secrets/site.pem', certFile)
    .replaceAll('/run/secrets/site.key', keyFile)
    .replaceAll('/etc/ssl/internal-ca.pem', certFile)
    .replaceAll(/\/run\/secrets\/[\w-]+/g, secretFile)
    .replaceAll(/\$argon2id\$[^']+…/g, () => hash);
  writeFileSync(file, real);
  try {
    return loadConfig(file, {});
  } catch (error) {
    if (!(error instanceof ConfigProblems)) throw error;
    throw new Error(error.format(), { cause: error });
  }
}

describe('the README', () => {
  test('shows a configuration that can be loaded', async () => {
    const config = await loaded(whole);
    expect(config.upstreams.map(({ name }) => name)).toEqual(['app', 'shop', 'reports']);
  });

  test('shows parts that can be put into it', async () => {
    expect(parts.length).toBeGreaterThan(0);
    for (const part of parts) {
      const config = await loaded(`${whole}${part}`);
      expect(config.sessions.store.type).toBe('redis');
    }
  });

  test('names scripts that exist', () => {
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('links to files that exist', () => {
    const links = [...readme.matchAll(/\]\((?!#|https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
    expect(links.filter((link) => !existsSync(join(import.meta.dirname, '..', link)))).toEqual([]);
  });
});
