import type { Config } from '../config/config.ts';
import type { FileSnapshot } from '../config/read.ts';
import { isPublishedPassword, isPublishedSecret } from '../config/published.ts';
import { Secret } from '../lib/secret.ts';

/** Shorter ones stand in any file by chance. */
const charactersMin = 8;

/** A file that holds a secret, and what of. */
export interface SecretFile {
  readonly path: string;
  readonly what: string;
}

/** Which of the files that were read for the configuration hold secrets: told by what they hold, not by their names. */
export function secretFiles(config: Config, files: FileSnapshot): readonly SecretFile[] {
  const secrets = secretsIn(config);
  const found: SecretFile[] = [];
  for (const [path, read] of files.texts) {
    if (read.kind === 'unreadable') continue;
    const { text } = read;
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text))
      found.push({ path, what: 'a private key' });
    else if (secrets.has(text.replace(/\r?\n$/, ''))) found.push({ path, what: 'a secret' });
    else if ([...secrets].some((secret) => text.includes(secret))) {
      found.push({ path, what: 'passwords, hashes of them, or keys' });
    }
  }
  return found;
}

/** Those that are nobody's secret any more do not count. */
function secretsIn(config: Config): ReadonlySet<string> {
  const found = new Set<string>();
  const pending: unknown[] = [config];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (value instanceof Secret) {
      const text = value.reveal();
      const isKnown = isPublishedSecret(text) || isPublishedPassword(text);
      if (text.length >= charactersMin && !isKnown) found.add(text);
    } else if (typeof value === 'object' && value !== null) {
      pending.push(...Object.values(value).filter((inner: unknown) => inner !== undefined));
    }
  }
  return found;
}
