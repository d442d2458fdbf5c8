import { hash, randomBytes } from 'node:crypto';
import type { Principal } from '../identity/principal.ts';

/** Who opens an impersonation: the caller's name and the session that it was called from. */
export interface Actor {
  readonly subject: string;
  readonly directory: string;
  readonly sessionId: string;
}

/** Who stands behind an impersonation, as it is stored: a store learns no session id. */
export interface ActorRecord {
  readonly subject: string;
  readonly directory: string;
  /** `sessionKeyOf` the session that it was opened from. */
  readonly sessionKey: string;
}

/** The record of a login. All times are milliseconds since 1970 on this process's clock. */
export interface Session {
  /** 32 hex digits. Whoever knows it and a token key is this user: it leaves the process inside a token only. */
  readonly id: string;
  /** A public name, good for listing and ending, worthless as a credential. Computed at each call. */
  readonly handle: string;
  readonly principal: Principal;
  /** Null but for impersonations. */
  readonly actor: ActorRecord | null;
  readonly createdAtMs: number;
  /** It ends then, however busy it is. */
  readonly absoluteDeadlineMs: number;
  /** The only field that moves. */
  lastSeenAtMs: number;
  /** Another number means another principal: copies of the record are to be read again. */
  readonly version: number;
}

const idBytes = 16;
const keyBytes = 18;

/**
 * 128 bits: the first byte names a partition of the store (one exists: 0), 120 are random. Ids are never used again, so
 * that a revocation is final.
 */
export function createSessionId(random: (bytes: number) => Buffer = randomBytes): string {
  const bytes = Buffer.from(random(idBytes));
  bytes[0] = 0;
  return bytes.toString('hex');
}

/**
 * What a store knows a session by: 144 bits of the SHA-256 of its id, 24 characters. Who reads the store cannot make a
 * token of it.
 */
export function sessionKeyOf(id: string): string {
  return hash('sha256', `portcullis session key ${id}`, 'buffer').toString(
    'base64url',
    0,
    keyBytes,
  );
}

/** One way from the key (and so from the id), so that a store can name a session too: a UUID, version 8 (RFC 9562). */
export function sessionHandleOf(key: string): string {
  const bytes = hash('sha256', `portcullis session handle ${key}`, 'buffer').subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
