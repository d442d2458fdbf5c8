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
  ERR_ENCODING_INVALID_ENCODED_DATA: 'is not UTF-8 text',
};

export type ReadBytes =
  | { readonly kind: 'read'; readonly bytes: Buffer }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What every file held that was read for a configuration. It holds secrets. */
export interface FileSnapshot {
  readonly texts: Map<string, ReadText>;
  readonly bytes: Map<string, ReadBytes>;
}

export function newSnapshot(): FileSnapshot {
  return { texts: new Map(), bytes: new Map() };
}

let snapshot: FileSnapshot | null = null;

/**
 * While `read` runs, a file that is in the snapshot is what it says, and every other goes into it.
 * So a second process makes the same configuration of it, whatever became of the files meanwhile.
 */
export function withSnapshot<T>(files: FileSnapshot, read: () => T): T {
  const outer = snapshot;
  snapshot = files;
  try {
    return read();
  } finally {
    snapshot = outer;
  }
}

/** The whole content of a file that is no text. */
export function readBytes(path: string): ReadBytes {
  const known = snapshot?.bytes.get(path);
  if (known !== undefined) return known;
  const read = bytesOf(path);
  snapshot?.bytes.set(path, read);
  return read;
}

/** The whole text of a file, strictly UTF-8, without a byte order mark. */
export function readText(path: string): ReadText {
  const known = snapshot?.texts.get(path);
  if (known !== undefined) return known;
  const read = textOf(path);
  snapshot?.texts.set(path, read);
  return read;
}

function bytesOf(path: string): ReadBytes {
  try {
    return { kind: 'read', bytes: readFileSync(path) };
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error) };
  }
}

function textOf(path: string): ReadText {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    return { kind: 'read', text };
  } catch (error) {
    return { kind: 'unreadable', reason: reasonOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
  return reasons[code] ?? `cannot be read (${code})`;
}
