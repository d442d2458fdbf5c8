/**
 * Where somebody stands in the log of revocations: the number of an entry, and its tag, 64 random bits in hex. After the
 * store lost its latest entries a number may be given again; a tag is not. (0, '') is the beginning of the log.
 */
export interface LogPosition {
  readonly number: number;
  readonly tag: string;
}

export const logBeginning: LogPosition = Object.freeze({ number: 0, tag: '' });

/**
 * `revoked`: these sessions are over for good; `ids` are session keys.
 * `all`: every session that was opened before this entry is over; no ids.
 * `entry`: copies of these entries of key-value zones, or of whole zones, are to be read again.
 */
export type EntryKind = 'revoked' | 'all' | 'entry';

/** One entry of the log, as it was committed. */
export interface LogEntry extends LogPosition {
  readonly kind: EntryKind;
  /** The worker that committed it, and that waits for acknowledgements. */
  readonly revoker: string;
  /** `idsPerEntryMax` at most: what ends more takes several entries. */
  readonly ids: readonly string[];
}

export const idsPerEntryMax = 100;
