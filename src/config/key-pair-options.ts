import { dirname, resolve } from 'node:path';
import { text } from './kinds.ts';
import type { AuthoritiesReading, KeyPairFiles, KeyPairReading } from './key-pair.ts';
import { readAuthorities, readKeyPair } from './key-pair.ts';
import type { Part } from './read-options.ts';

/** The options that name a file. */
export function file() {
  return text(/^[^\0]+$/, 'the path of a file');
}

/** The options of a certificate with its key, wherever one is asked for. */
export const keyPairFields = {
  certFile: file().describe(
    'The file with the certificate, PEM, then those that lead to its authority; relative to ' +
      'this configuration. No default.',
  ),
  keyFile: file()
    .optional()
    .describe(
      'The file with its private key, PEM. Default: certFile holds both. Whoever can read it can ' +
        'pretend to be this server.',
    ),
  passphraseFile: file()
    .optional()
    .describe('The file with the passphrase of the key. Default: the key is not encrypted.'),
};

interface NamedFiles {
  readonly certFile: string;
  readonly keyFile?: string | undefined;
  readonly passphraseFile?: string | undefined;
}

/** The same with absolute paths. */
export function keyPairFiles(named: NamedFiles, configPath: string): KeyPairFiles {
  const at = (path: string) => resolve(dirname(configPath), path);
  const { certFile, keyFile = certFile, passphraseFile } = named;
  return {
    certFile: at(certFile),
    keyFile: at(keyFile),
    passphraseFile: passphraseFile === undefined ? null : at(passphraseFile),
  };
}

/** Reads the pair once, so that `check` finds what a start would; reports what is wrong below `part`. */
export function checkKeyPair(files: KeyPairFiles, part: Part): KeyPairReading {
  const reading = readKeyPair(files);
  if (reading.kind === 'broken') {
    // One file may hold both: then the other option is not there to be pointed at.
    const isThere = Reflect.has(Object(part.raw), reading.file);
    const path = [...part.path, isThere ? reading.file : 'certFile'];
    const expected = 'expected a certificate and its private key in PEM form';
    part.document.problems.add(path, `names a file that ${reading.reason}`, expected);
  }
  return reading;
}

export function checkAuthorities(path: string, part: Part, name: string): AuthoritiesReading {
  const reading = readAuthorities(path);
  if (reading.kind === 'broken') {
    const message = `names a file that ${reading.reason}`;
    const expected = 'expected the certificates of the authorities in PEM form';
    part.document.problems.add([...part.path, name], message, expected);
  }
  return reading;
}
