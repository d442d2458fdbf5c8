import { createHash } from 'node:crypto';
import type { TokenCacheConfig, TokenKeyPart } from '../config/token-cache.ts';
import type { Principal } from '../identity/principal.ts';
import type { Exchange } from './exchange.ts';

/** What would end a part, begin an escape, or not be printable. */
const unsafe = /[^\x20-\x24\x26-\x39\x3b-\x7e]/;
const unsafeAll = /[^\x20-\x24\x26-\x39\x3b-\x7e]/g;
/** Longer ones are nobody's. */
const keyCharsMax = 2_048;
const digestBytes = 16;

/** What a key is made of. */
export type KeyedRequest = Pick<Exchange, 'bearer' | 'clientAddress' | 'host' | 'live'> & {
  readonly head: Pick<Exchange['head'], 'fields'>;
};

type Given = Pick<TokenCacheConfig, 'key' | 'required' | 'requiredLengthMin'>;

/** The key that a request's token is known by: parts in their order with `:` between them. */
export class TokenKey {
  readonly #parts: readonly TokenKeyPart[];
  readonly #lengthsMin: readonly number[];

  constructor({ key, required, requiredLengthMin }: Given) {
    this.#parts = key;
    this.#lengthsMin = key.map((_, index) => (required.includes(index) ? requiredLengthMin : 0));
  }

  /** Null: something is missing that has to be there. */
  of(exchange: KeyedRequest): string | null {
    let key = '';
    for (let index = 0; index < this.#parts.length; index++) {
      const part = this.#parts[index];
      if (part === undefined) break;
      const text = textOf(exchange, part);
      // Nobody's key: whoever else is nobody would have it, too.
      if (text === '' && isOfPrincipal(part)) return null;
      const lengthMin = this.#lengthsMin[index] ?? 0;
      if (lengthMin > 0 && shortestOf(exchange, part, text) < lengthMin) return null;
      const escaped = unsafe.test(text) ? text.replace(unsafeAll, escapeOf) : text;
      key = index === 0 ? escaped : `${key}:${escaped}`;
    }
    return key.length > keyCharsMax ? null : key;
  }
}

/** Field values are octets, one per character; names of users may be anything. */
function escapeOf(char: string): string {
  const code = char.charCodeAt(0);
  return code < 0x100
    ? `%${code.toString(16).toUpperCase().padStart(2, '0')}`
    : `%u${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function textOf(exchange: KeyedRequest, part: TokenKeyPart): string {
  switch (part.by) {
    case 'header':
      return headerOf(exchange, part.field);
    case 'address':
      return exchange.clientAddress;
    case 'host':
      return exchange.host;
    case 'session':
      return exchange.live === null ? '' : once(handles, exchange.live.session, handleOf);
    case 'user':
      return userOf(exchange.live?.session.principal ?? exchange.bearer?.principal);
    case 'principal':
      if (exchange.live !== null) return once(digests, exchange.live.session, digestOf);
      return exchange.bearer === null ? '' : once(digests, exchange.bearer, digestOf);
  }
}

/** All fields of that name: of two, an upstream might believe the other one. */
function headerOf({ head }: KeyedRequest, field: string): string {
  const { fields } = head;
  let joined: string | null = null;
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).lower !== field) continue;
    joined = joined === null ? fields.value(index) : `${joined}, ${fields.value(index)}`;
  }
  return joined ?? '';
}

/** Each of the fields of a name has to be as long as it has to be, and not what is put between them. */
function shortestOf({ head }: KeyedRequest, part: TokenKeyPart, text: string): number {
  if (part.by !== 'header') return text.length;
  const { fields } = head;
  let shortest = text.length;
  for (let index = 0; index < fields.count; index++) {
    if (fields.name(index).lower !== part.field) continue;
    shortest = Math.min(shortest, fields.value(index).length);
  }
  return shortest;
}

function isOfPrincipal({ by }: TokenKeyPart): boolean {
  return by === 'user' || by === 'session' || by === 'principal';
}

/** Names of directories hold no slash. */
function userOf(principal: Principal | undefined): string {
  return principal === undefined ? '' : `${principal.directory}/${principal.subject}`;
}

interface Identified {
  readonly principal: Principal;
  readonly actor?: { readonly directory: string; readonly subject: string } | null;
}

const digests = new WeakMap<object, string>();
const handles = new WeakMap<object, string>();

/** A session's record never changes: one with another role is another record. */
function once<Of extends object>(known: WeakMap<object, string>, of: Of, make: (of: Of) => string) {
  const text = known.get(of);
  if (text !== undefined) return text;
  const made = make(of);
  known.set(of, made);
  return made;
}

function handleOf({ handle }: { readonly handle: string }): string {
  return handle;
}

function digestOf({ actor, principal }: Identified): string {
  const { directory, groups, role, subject } = principal;
  const all = [directory, subject, role, groups, actor?.directory, actor?.subject];
  const digest = createHash('sha256').update(JSON.stringify(all)).digest();
  return digest.subarray(0, digestBytes).toString('base64url');
}
