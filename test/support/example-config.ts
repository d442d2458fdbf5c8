import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigProblems } from '../../src/config/config-problems.ts';
import { loadConfig } from '../../src/config/load.ts';
import { defaultCost } from '../../src/passwords/argon2-cost.ts';
import { hashPassword } from '../../src/passwords/hash-password.ts';
import { CertificateFolder } from './certificates.ts';

const hash = hashPassword('ada', defaultCost);

/** Loads a configuration of the documents. What stands for files and hashes there becomes some that exist. */
export async function loadExample(yaml: string): Promise<ReturnType<typeof loadConfig>> {
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
