import { randomBytes } from 'node:crypto';
import type { MessageSeal } from '../tokens/message-seal.ts';
import type { EntryKind, LogEntry } from './log-entry.ts';

const tagBytes = 8;
const payloadPattern = /^(revoked|changed|key|all|entry) ([0-9a-f]{16}) ([A-Za-z0-9_,-]*)$/;
const isKind = (text: string | undefined): text is EntryKind => text !== undefined;

/** An entry before it has a number: the store gives that. The signature is ours, and covers everything else. */
export interface SignedEntry {
  readonly tag: string;
  readonly payload: string;
  readonly signature: string;
  readonly kind: EntryKind;
  readonly revoker: string;
  readonly ids: readonly string[];
}

export function signedEntry(
  seal: MessageSeal,
  kind: EntryKind,
  revoker: string,
  ids: readonly string[],
): SignedEntry {
  const tag = randomBytes(tagBytes).toString('hex');
  const payload = `${kind} ${revoker} ${ids.join(',')}`;
  const signature = seal.sign(`entry\n${tag}\n${payload}`);
  return { tag, payload, signature, kind, revoker, ids };
}

/** Null for what no gateway has written. */
export function openEntry(
  seal: MessageSeal,
  number: number,
  [tag, payload, signature]: readonly string[],
): LogEntry | null {
  if (tag === undefined || payload === undefined || signature === undefined) return null;
  if (!seal.isSigned(`entry\n${tag}\n${payload}`, signature)) return null;
  const [, kind, revoker = '', ids = ''] = payloadPattern.exec(payload) ?? [];
  if (!isKind(kind) || !Number.isSafeInteger(number)) return null;
  return { number, tag, kind, revoker, ids: ids === '' ? [] : ids.split(',') };
}
