import type { Principal } from '../identity/principal.ts';
import type { ValueSeal } from '../tokens/value-seal.ts';
import { numberOf, textsOf } from './redis-answers.ts';
import type { RedisStore } from './redis-store.ts';
import type { ActorRecord } from './session.ts';
import type { StoredSession } from './session-store.ts';

interface RecordContent {
  readonly principal: Principal;
  readonly actor: ActorRecord | null;
}

/** Who it is, readable for gateways only, and under this key only. */
export function sealRecord(seal: ValueSeal, key: string, content: RecordContent): string {
  return seal.seal(placeOf(key), JSON.stringify(content)).toString('base64url');
}

/** A record as scripts give it: value, created, deadline, last seen. Null for what no gateway has written. */
export function openRecord(store: RedisStore, key: string, record: unknown): StoredSession | null {
  const [value = '', created, deadline, seen] = textsOf(record);
  const text = store.parts.values.open(placeOf(key), Buffer.from(value, 'base64url'));
  if (text === null) return null;
  const { actor, principal } = JSON.parse(text) as RecordContent; // sealed by `sealRecord`
  return {
    ...{ key, principal: store.common.share(principal), actor, version: 1 },
    createdAtMs: store.toOurs(numberOf(created)),
    absoluteDeadlineMs: store.toOurs(numberOf(deadline)),
    lastSeenAtMs: store.toOurs(numberOf(seen)),
  };
}

function placeOf(key: string): string {
  return `session ${key}`;
}
