import { X509Certificate } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import type { Part } from './read-options.ts';
import { readText } from './read.ts';

/** The certificates in the file that the option `caFile` names, as PEM; undefined, and a problem, for anything else. */
export function readAuthorities(file: string, part: Part, configPath: string): string | undefined {
  const { problems } = part.document;
  const path = [...part.path, 'caFile'];
  const expected = 'expected a PEM file with certificates, relative to this configuration';
  const read = readText(resolve(dirname(configPath), file));
  if (read.kind === 'unreadable') {
    problems.add(path, `names a file that ${read.reason}`, expected);
    return undefined;
  }
  try {
    // Of several only the first is looked at: enough to tell a key, or an empty file, from certificates.
    return new X509Certificate(read.text).raw.length > 0 ? read.text : undefined;
  } catch {
    problems.add(path, 'names a file without a certificate', expected);
    return undefined;
  }
}
