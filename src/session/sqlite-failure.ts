/** Primary result codes of SQLite (sqlite3.h); an extended code has one of them in its low byte. */
const codes = Object.freeze({
  busy: 5,
  locked: 6,
  readOnly: 8,
  ioError: 10,
  corrupt: 11,
  full: 13,
  cannotOpen: 14,
  notADatabase: 26,
});

const afresh = 'put a copy in its place, or remove it, and everybody logs in again';

const sentences: ReadonlyMap<number, string> = new Map([
  [codes.busy, 'is locked by another process'],
  [codes.locked, 'is locked by another process'],
  [codes.readOnly, 'cannot be written: the file or its folder is read-only for this user'],
  [codes.ioError, 'cannot be read or written: the disk fails'],
  [codes.corrupt, `is damaged: ${afresh}`],
  [codes.full, 'cannot grow: the disk is full'],
  [codes.cannotOpen, 'cannot be opened: the folder is missing, or this user may not write there'],
  [codes.notADatabase, `is no SQLite file: ${afresh}`],
]);

const systemSentences: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'cannot be made: its folder does not exist'],
  ['ENOTDIR', 'cannot be made: its folder is a file'],
  ['EISDIR', 'is a folder'],
  ['EACCES', 'cannot be opened: this user may not read and write it'],
  ['EPERM', 'cannot be made private: it belongs to another user'],
  ['EROFS', 'cannot be written: the file system is read-only'],
  ['ENOSPC', 'cannot be made: the disk is full'],
]);

/** What is wrong with a session file, in a sentence for whoever runs the gateway. */
export class SqliteFailure extends Error {
  override readonly name = 'SqliteFailure';

  static of(path: string, error: unknown): SqliteFailure {
    if (error instanceof SqliteFailure) return error;
    const sentence = sentenceOf(error) ?? `fails: ${String(error)}`;
    return new SqliteFailure(`the session file ${path} ${sentence}`, { cause: error });
  }
}

/** Somebody holds a lock, for the moment of a commit as a rule: to be tried again. */
export function isBusy(error: unknown): boolean {
  const code = codeOf(error);
  return code === codes.busy || code === codes.locked;
}

function codeOf(error: unknown): number | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined;
  return typeof code === 'number' ? code % 256 : null;
}

function sentenceOf(error: unknown): string | undefined {
  const code = codeOf(error);
  if (code !== null) return sentences.get(code);
  const name: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof name === 'string' ? systemSentences.get(name) : undefined;
}
