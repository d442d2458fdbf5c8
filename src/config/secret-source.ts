import { dirname, resolve } from 'node:path';
import * as z from 'zod';
import { Secret } from '../lib/secret.ts';
import { text } from './kinds.ts';
import type { Options } from './read-options.ts';
import type { Part } from './read-options.ts';
import { readText } from './read.ts';

/**
 * The option for a secret itself. Wrapped while it is read, so that nothing after that can print
 * it.
 */
export function secretText(what: string) {
  return z
    .string({ error: `${what}, as text (in quotes if it looks like a number)` })
    .min(1, { error: what })
    .transform((value) => new Secret(value));
}

/** The option that names a file which holds the secret. */
export function secretFile() {
  return text(/^[^\0]+$/, 'the path of a file');
}

interface SecretReading {
  readonly part: Part;
  /** The file of the configuration; relative paths begin beside it. */
  readonly configPath: string;
  /** The option that holds the secret itself; the one for a file is called the same with `File`. */
  readonly name: string;
}

/**
 * The secret from whichever of the two options is there; undefined, and a problem, where neither or
 * both are.
 */
export function readSecret(
  options: Options<Readonly<Record<string, unknown>>>,
  { part, configPath, name }: SecretReading,
): Secret | undefined {
  const fileName = `${name}File`;
  const { problems } = part.document;
  if (!options.isSound(name, fileName)) return undefined;
  const direct = options.value[name];
  const file = options.value[fileName];
  if (direct !== undefined && file !== undefined) {
    const message = `is there beside ${fileName}`;
    problems.add([...part.path, name], message, `expected either ${name} or ${fileName}`, 'key');
    return undefined;
  }
  if (direct instanceof Secret) return direct;
  if (typeof file === 'string') return readSecretFile(file, { part, configPath, name });
  problems.add([...part.path, name], 'is missing', `expected either ${name} or ${fileName}`);
  return undefined;
}

function readSecretFile(file: string, reading: SecretReading): Secret | undefined {
  const { part, configPath, name } = reading;
  const read = readText(resolve(dirname(configPath), file));
  const path = [...part.path, `${name}File`];
  const expected = 'expected a readable text file with the secret, relative to this configuration';
  if (read.kind === 'unreadable') {
    part.document.problems.add(path, `names a file that ${read.reason}`, expected);
    return undefined;
  }
  // Editors and `openssl rand -base64 48 > file` end the last line; nobody means that to be of the
  // secret.
  const value = read.text.replace(/\r?\n$/, '');
  if (value !== '') return new Secret(value);
  part.document.problems.add(path, 'names a file that is empty', expected);
  return undefined;
}
