import type { NewZoneEntry } from '../keyval/zone-store.ts';

/** What a body says, or what is wrong with it. Null as a value: the key is to go. */
export type KeyvalBody =
  | { readonly kind: 'read'; readonly pairs: readonly KeyvalPair[] }
  | { readonly kind: 'noJson' }
  | { readonly kind: 'misshapen'; readonly text: string };

export interface KeyvalPair {
  readonly key: string;
  readonly value: string | null;
  /** Null: as long as the zone says. */
  readonly livesMs: number | null;
}

const livesMsMax = 30 * 24 * 3_600_000;

/** `hasExpire`: the version of the API knows it. `isTimed`: the zone has a timeout. */
export function readKeyvalBody(body: Buffer, hasExpire: boolean, isTimed: boolean): KeyvalBody {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return { kind: 'noJson' };
  }
  if (!isObject(document)) return misshapen('an object is expected');
  const pairs: KeyvalPair[] = [];
  for (const [key, value] of Object.entries(document)) {
    const pair = isObject(value)
      ? hasExpire
        ? timedPair(key, value, isTimed)
        : `the value of "${key}" is an object`
      : plainPair(key, value);
    if (typeof pair === 'string') return misshapen(pair);
    pairs.push(pair);
  }
  return pairs.length === 0 ? misshapen('a key is required') : { kind: 'read', pairs };
}

/** An entry of a zone whose own timeout is that. */
export function entryOf(
  { key, livesMs, value }: KeyvalPair,
  zoneLivesMs: number | null,
): NewZoneEntry {
  return { key, value: value ?? '', livesMs: livesMs ?? zoneLivesMs };
}

function plainPair(key: string, value: unknown): KeyvalPair | string {
  const text = value === null ? null : textOf(value);
  return text === undefined
    ? `the value of "${key}" is no text`
    : { key, value: text, livesMs: null };
}

function timedPair(
  key: string,
  { expire, value, ...rest }: Readonly<Record<string, unknown>>,
  isTimed: boolean,
): KeyvalPair | string {
  const text = textOf(value);
  if (text === undefined) return `"${key}" has no value`;
  if (Object.keys(rest).length > 0) return `"${key}" has more than value and expire`;
  if (expire === undefined) return { key, value: text, livesMs: null };
  if (!isTimed) return `"${key}" has an expire, and the zone has no timeout`;
  if (typeof expire !== 'number' || !Number.isSafeInteger(expire))
    return `the expire of "${key}" is no whole number`;
  if (expire < 1 || expire > livesMsMax) return `the expire of "${key}" is out of range`;
  return { key, value: text, livesMs: expire };
}

/** Scalars are kept as text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

function misshapen(text: string): KeyvalBody {
  return { kind: 'misshapen', text };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
