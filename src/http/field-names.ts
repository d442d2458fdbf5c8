/** The fields that the codec or a phase treats on its own; every other field is `other`. */
export const FieldId = {
  other: 0,
  host: 1,
  contentLength: 2,
  transferEncoding: 3,
  connection: 4,
  cookie: 5,
  expect: 6,
  authorization: 7,
  setCookie: 8,
  cacheControl: 9,
  methodOverride: 10,
  proxyConnection: 11,
  upgrade: 12,
  traceparent: 13,
  tracestate: 14,
} as const;
export type FieldId = (typeof FieldId)[keyof typeof FieldId];

/** What is known of one spelling of a field name; made once per spelling, shared by all messages. */
export interface FieldName {
  readonly id: FieldId;
  /** As it was written. */
  readonly raw: string;
  readonly lower: string;
  /** Belongs to one connection (RFC 9110 §7.6.1): never forwarded. */
  readonly isHopByHop: boolean;
  /** Set or trusted by us, in whatever spelling: a client's or an upstream's copy never passes. */
  readonly isManaged: boolean;
  /** Only letters, digits and hyphens: no alias of another name at any upstream. */
  readonly isPlain: boolean;
}

/** Frameworks take their value for the method of the request. */
export const METHOD_OVERRIDES = [
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
] as const;

const KNOWN = new Map<string, FieldId>([
  ['host', FieldId.host],
  ['content-length', FieldId.contentLength],
  ['transfer-encoding', FieldId.transferEncoding],
  ['connection', FieldId.connection],
  ['proxy-connection', FieldId.proxyConnection],
  ['cookie', FieldId.cookie],
  ['upgrade', FieldId.upgrade],
  ['expect', FieldId.expect],
  ['authorization', FieldId.authorization],
  ['set-cookie', FieldId.setCookie],
  ['cache-control', FieldId.cacheControl],
  ['traceparent', FieldId.traceparent],
  ['tracestate', FieldId.tracestate],
  ...METHOD_OVERRIDES.map((name): [string, FieldId] => [name, FieldId.methodOverride]),
]);

/** RFC 9110 §7.6.1, with the obsolete ones that peers still send. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  // No field of the standard's at all, but CGI programs take it for the proxy that they shall use (CVE-2016-5385).
  'proxy',
]);

/** Names that we set ourselves or that applications take as the word of a trusted proxy. */
const MANAGED = new Set([
  'x-userinfo',
  'x-request-id',
  'forwarded',
  'x-real-ip',
  'x-original-url',
  'x-original-uri',
  'x-original-method',
  'x-rewrite-url',
  'client-ip',
  'true-client-ip',
]);

/** Longer spellings are invented ones: to keep them would let strangers fill our memory. */
const KEPT_LENGTH_MAX = 64;
/** The spellings that browsers and servers use: in their places before any that a stranger invents to be in the way. */
const USUAL =
  'Accept Accept-Charset Accept-Encoding Accept-Language Accept-Ranges Access-Control-Allow-Credentials ' +
  'Access-Control-Allow-Headers Access-Control-Allow-Methods Access-Control-Allow-Origin ' +
  'Access-Control-Expose-Headers Access-Control-Max-Age Access-Control-Request-Headers ' +
  'Access-Control-Request-Method Age Allow Authorization Cache-Control Connection Content-Disposition ' +
  'Content-Encoding Content-Language Content-Length Content-Location Content-Range Content-Security-Policy ' +
  'Content-Type Cookie DNT Date ETag Expect Expires From Host If-Match If-Modified-Since If-None-Match ' +
  'If-Range If-Unmodified-Since Keep-Alive Last-Modified Link Location Origin Permissions-Policy Pragma ' +
  'Priority Range Referer Referrer-Policy Retry-After Sec-CH-UA Sec-CH-UA-Mobile Sec-CH-UA-Platform ' +
  'Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-GPC Sec-WebSocket-Accept ' +
  'Sec-WebSocket-Extensions Sec-WebSocket-Key Sec-WebSocket-Protocol Sec-WebSocket-Version Server ' +
  'Server-Timing Set-Cookie Strict-Transport-Security TE Traceparent Tracestate Trailer Transfer-Encoding ' +
  'Upgrade Upgrade-Insecure-Requests User-Agent Vary Via WWW-Authenticate X-Content-Type-Options ' +
  'X-Forwarded-For X-Forwarded-Host X-Forwarded-Proto X-Frame-Options X-Powered-By X-Request-ID ' +
  'X-Requested-With X-XSS-Protection';
/** A power of two: the spellings that clients and servers use, a few in each place. */
const PLACES = 2048;
/** Spellings invented to be found in one place cost no more than so many comparisons. */
const KEPT_PER_PLACE_MAX = 8;

/** RFC 9110 §5.6.2: the characters of a token. */
const TOKEN = new Uint8Array(256);
for (const char of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") {
  TOKEN[char.charCodeAt(0)] = 1;
}

export function isToken(text: string): boolean {
  if (text.length === 0) return false;
  for (let at = 0; at < text.length; at++) {
    if (TOKEN[text.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/**
 * The form in which an application behind CGI, WSGI or a lenient framework may see a name: lower case, everything but
 * letters and digits folded into one sign. `X_UserInfo` and `X.UserInfo` are the same name to somebody.
 */
export function canonicalFieldName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '-');
}

/**
 * Field names by spelling. Clients repeat a few spellings, so the checks of a name are paid once. Bounded: past
 * `namesMax` spellings a new one is described afresh each time, so that a flood of invented names costs no memory.
 *
 * A table of our own, because a name is looked up where it stands in a head: a `Map` wants a string for each, and makes
 * an internalized one of it.
 */
export class FieldNames {
  readonly #places: (FieldName[] | undefined)[] = Array.from({ length: PLACES }, () => undefined);
  #size = 0;
  readonly #managed: ReadonlySet<string>;
  readonly #namesMax: number;

  /** `managed`: names beyond the fixed list, such as the configured identity field. */
  constructor(managed: readonly string[], namesMax = 4096) {
    this.#managed = new Set([...MANAGED, ...managed.map(canonicalFieldName)]);
    this.#namesMax = namesMax;
    for (const spelling of USUAL.split(' ')) {
      this.of(spelling);
      this.of(spelling.toLowerCase());
    }
    this.#size = 0; // the bound is about strangers
  }

  /** The description of a spelling, or null if it is no token (RFC 9110 §5.1). */
  of(spelling: string): FieldName | null {
    return this.at(spelling, 0, spelling.length);
  }

  /** The same for the spelling that `text[start, end)` is. */
  at(text: string, start: number, end: number): FieldName | null {
    const at = placeOf(text, start, end);
    const place = this.#places[at];
    if (place === undefined) return this.#add(text.slice(start, end), at, []);
    for (let index = 0; index < place.length; index++) {
      const name = place[index];
      if (name !== undefined && name.raw.length === end - start && text.startsWith(name.raw, start))
        return name;
    }
    return this.#add(text.slice(start, end), at, place);
  }

  #add(spelling: string, at: number, place: FieldName[]): FieldName | null {
    if (!isToken(spelling)) return null;
    const name = this.#describe(spelling);
    const hasRoom = this.#size < this.#namesMax && place.length < KEPT_PER_PLACE_MAX;
    if (hasRoom && spelling.length <= KEPT_LENGTH_MAX) {
      place.push(name);
      this.#places[at] = place;
      this.#size++;
    }
    return name;
  }

  #describe(spelling: string): FieldName {
    // A slice of a head would keep the whole head alive; the round trip makes a string of its own.
    const raw = Buffer.from(spelling, 'latin1').toString('latin1');
    const lower = raw.toLowerCase();
    const canonical = canonicalFieldName(raw);
    return {
      id: KNOWN.get(lower) ?? FieldId.other,
      raw,
      lower,
      isHopByHop: HOP_BY_HOP.has(lower),
      // All of X-Forwarded-*, not a list: tomorrow's variant is some application's identity field.
      isManaged: this.#managed.has(canonical) || canonical.startsWith('x-forwarded-'),
      isPlain: /^[A-Za-z0-9-]+$/.test(raw),
    };
  }
}

/** By its length and three of its characters. */
function placeOf(text: string, start: number, end: number): number {
  const length = end - start;
  const middle = start + (length >> 1);
  const word =
    length * 0x9e5 +
    text.charCodeAt(start) * 0x1f +
    text.charCodeAt(middle) * 0x3d1 +
    text.charCodeAt(end - 1) * 0x71;
  return (word ^ (word >> 7)) & (PLACES - 1);
}
