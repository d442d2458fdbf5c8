import { readFileSync } from 'node:fs';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. The only place that looks at it. */
export function processEnvironment(): Environment {
  return process.env;
}

export type ReadText =
  | { readonly kind: 'read'; readonly text: string }
  /** What is the matter, as the end of a sentence that begins with the file's name. */
  | { readonly kind: 'unreadable'; readonly reason: string };

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EACCES: 'may not be read by this user',
  EPERM: 'may not be read by this user',
  EISDIR: 'is a folder',
};

/** The whole text of a file, strictly UTF-8, without a byte order mark. */
export function readText(path: string): ReadText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    return { kind: 'read', text };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') {
      return { kind: 'unreadable', reason: 'is not UTF-8 text' };
    }
    return { kind: 'unreadable', reason: reasons[code] ?? `cannot be read (${code})` };
  }
}
