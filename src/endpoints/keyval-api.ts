import { isIP } from 'node:net';
import type { KeyvalApiConfig } from '../config/keyval-api.ts';
import type { Answers } from '../http/answers.ts';
import { askingOf } from '../http/asking.ts';
import type { Reply } from '../http/reply.ts';
import type { ZoneDeed } from '../keyval/zone-store.ts';
import type { Zone } from '../keyval/zone.ts';
import type { Zones } from '../keyval/zones.ts';
import { AddressSet } from '../lib/address-set.ts';
import { sessionKeyOf } from '../session/session.ts';
import { isAskedByOwnSite } from './asking.ts';
import type { Endpoint, EndpointRequest } from './endpoint.ts';
import { entryOf, readKeyvalBody, type KeyvalPair } from './keyval-body.ts';
import { keyvalError, keyvalFields, type KeyvalErrorCode } from './keyval-errors.ts';

const versionsMax = 9;
const versions = Array.from({ length: versionsMax }, (_, index) => index + 1);
/** From when on the API has it. */
const zoneSyncSince = 3;
const expireSince = 5;
const loopback = new AddressSet(['127.0.0.0/8', '::1/128']);
/** Two pages of memory, as with NGINX. */
const bodyBytesMax = 16_384;

export interface KeyvalApiParts {
  readonly answers: Answers;
  readonly zones: Zones;
  readonly api: KeyvalApiConfig;
  /** The path of the route, with or without its last slash. */
  readonly prefix: string;
  readonly allowedOrigins: readonly string[];
  /** The route has `hosts`, or asks for a session: no page reaches it by a name that it has made up. */
  readonly isGuarded: boolean;
  /** Other workers that share the store, as far as is known. */
  readonly othersOnline: () => Promise<number>;
}

/** A request below `/N/`. */
interface Call {
  readonly request: EndpointRequest;
  readonly version: number;
  readonly isRead: boolean;
}

/**
 * The part of the API of NGINX Plus that is about key-value zones: same paths, bodies and errors. What is changed or
 * deleted here is so on every node when the answer comes.
 */
export class KeyvalApi implements Endpoint {
  readonly bodyBytesMax = bodyBytesMax;
  readonly #parts: KeyvalApiParts;
  readonly #allowed: AddressSet;
  readonly #prefixLength: number;

  constructor(parts: KeyvalApiParts) {
    this.#parts = parts;
    this.#allowed = new AddressSet(parts.api.allowedPeers);
    this.#prefixLength = parts.prefix.replace(/\/$/, '').length;
  }

  answer(request: EndpointRequest): Reply | Promise<Reply> {
    const { allowedOrigins, answers, isGuarded } = this.#parts;
    if (!this.#isAllowed(request)) return answers.answer('notAllowed', askingOf(request));
    if (!isGuarded && !isUnnamed(request.host)) {
      return answers.answer('misdirectedRequest', askingOf(request));
    }
    // An address is no proof of intent: any page in a browser of this machine comes from there.
    if (!isAskedByOwnSite(request, allowedOrigins)) {
      return answers.answer('crossSite', askingOf(request));
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const [version = '', ...path] = this.#stepsOf(request);
    if (version === '') {
      return isRead ? shown(versions) : keyvalError('MethodDisabled', request.requestId, null);
    }
    if (!/^[1-9]$/.test(version)) return keyvalError('UnknownVersion', request.requestId, null);
    return this.#under({ request, version: Number(version), isRead }, path);
  }

  /** Its own machine is the one that a proxy elsewhere means by loopback. */
  #isAllowed({ clientAddress, peerAddress }: EndpointRequest): boolean {
    if (!this.#allowed.has(clientAddress)) return false;
    return !loopback.has(clientAddress) || loopback.has(peerAddress);
  }

  #stepsOf({ path }: EndpointRequest): string[] {
    return path
      .slice(this.#prefixLength + 1)
      .split('/')
      .filter((step) => step !== '');
  }

  #under(call: Call, path: readonly string[]): Reply | Promise<Reply> {
    const [kind, what, name, ...more] = path;
    const hasSync = call.version >= zoneSyncSince;
    if (kind === undefined) return this.#list(call, hasSync ? ['http', 'stream'] : ['http']);
    if (kind === 'http' && what === undefined) return this.#list(call, ['keyvals']);
    if (kind === 'http' && what === 'keyvals' && more.length === 0) {
      return name === undefined ? this.#all(call) : this.#zone(call, name);
    }
    if (kind === 'stream' && hasSync && name === undefined) {
      if (what === undefined) return this.#list(call, ['zone_sync']);
      if (what === 'zone_sync') return this.#sync(call);
    }
    return fail(call, 'PathNotFound');
  }

  #list(call: Call, names: readonly string[]): Reply {
    return call.isRead ? shown(names) : fail(call, 'MethodDisabled');
  }

  // ── zones ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  #zones(): readonly Zone[] {
    const { api, zones } = this.#parts;
    return zones.all.filter(({ config }) => api.zones?.includes(config.name) ?? true);
  }

  async #all(call: Call): Promise<Reply> {
    if (!call.isRead) return fail(call, 'MethodDisabled');
    const zones = this.#zones();
    if (new URLSearchParams(call.request.query).get('fields') === '') {
      return shown(zones.map(({ config }) => config.name));
    }
    const all: [string, unknown][] = [];
    for (const zone of zones) {
      const listed = await zone.list();
      if (listed.kind === 'unavailable') return fail(call, 'StoreUnavailable');
      all.push([zone.config.name, objectOf(listed.entries)]);
    }
    return shown(Object.fromEntries(all));
  }

  async #zone(call: Call, name: string): Promise<Reply> {
    const zone = this.#zones().find(({ config }) => config.name === name);
    if (zone === undefined) return fail(call, 'KeyvalNotFound');
    const { method } = call.request;
    if (call.isRead) return await this.#show(call, zone);
    if (!this.#parts.api.isWritable) return fail(call, 'MethodDisabled');
    switch (method) {
      case 'POST':
        return await this.#post(call, zone);
      case 'PATCH':
        return await this.#patch(call, zone);
      case 'DELETE':
        return await this.#write(call, zone, { deed: 'clear' });
      default:
        return fail(call, 'MethodDisabled');
    }
  }

  /** What the store has, not what this worker remembers. */
  async #show(call: Call, zone: Zone): Promise<Reply> {
    const key = keyOf(call.request.query);
    if (key === 'malformed') return fail(call, 'KeyvalFormatError', 'the key is malformed');
    if (key === null) {
      const listed = await zone.list();
      if (listed.kind === 'unavailable') return fail(call, 'StoreUnavailable');
      return shown(objectOf(listed.entries));
    }
    const reading = await zone.read(key.text, true);
    if (reading.kind === 'unavailable') return fail(call, 'StoreUnavailable');
    if (reading.kind === 'none') return fail(call, 'KeyvalKeyNotFound');
    return shown(objectOf([reading.copy]));
  }

  async #post(call: Call, zone: Zone): Promise<Reply> {
    const pairs = this.#pairsOf(call, zone);
    if (!('pairs' in pairs)) return pairs;
    const [first] = pairs.pairs;
    if (pairs.pairs.some(({ value }) => value === null)) {
      return fail(call, 'KeyvalFormatError', 'a value is null');
    }
    const entries = pairs.pairs.map((pair) => entryOf(pair, zone.config.livesMs));
    return await this.#write(call, zone, { deed: 'add', entries }, first?.key);
  }

  async #patch(call: Call, zone: Zone): Promise<Reply> {
    const pairs = this.#pairsOf(call, zone);
    if (!('pairs' in pairs)) return pairs;
    const [pair, ...more] = pairs.pairs;
    if (pair === undefined || more.length > 0) {
      return fail(call, 'KeyvalFormatError', 'only one key can be updated');
    }
    const deed: ZoneDeed =
      pair.value === null
        ? { deed: 'remove', key: pair.key }
        : { deed: 'change', entry: entryOf(pair, zone.config.livesMs) };
    return await this.#write(call, zone, deed);
  }

  #pairsOf(call: Call, zone: Zone): Reply | { readonly pairs: readonly KeyvalPair[] } {
    const isTimed = zone.config.livesMs !== null;
    const read = readKeyvalBody(call.request.body, call.version >= expireSince, isTimed);
    switch (read.kind) {
      case 'noJson':
        return fail(call, 'JsonError');
      case 'misshapen':
        return fail(call, 'KeyvalFormatError', read.text);
      case 'read':
        return read;
    }
  }

  /** Answered when no worker anywhere believes what was there before. */
  async #write(
    call: Call,
    zone: Zone,
    deed: Exclude<ZoneDeed, { deed: 'put' }>,
    key?: string,
  ): Promise<Reply> {
    const { answers } = this.#parts;
    const { live } = call.request;
    const caller = live === null ? null : sessionKeyOf(live.session.id);
    const outcome = await zone.write(deed, caller);
    if (outcome.kind === 'unavailable') return fail(call, 'StoreUnavailable');
    if (outcome.kind === 'written') {
      return {
        status: deed.deed === 'add' ? 201 : 204,
        fields: [keyvalFields[1] ?? ['', '']],
        body: '',
      };
    }
    switch (outcome.reason) {
      case 'callerEnded':
        return answers.answer('revokedSession', askingOf(call.request));
      case 'exists':
        return fail(call, 'KeyvalKeyExists', `key "${key ?? ''}" already exists`);
      case 'missing':
        return fail(call, 'KeyvalKeyNotFound');
      case 'notEmpty':
        return fail(
          call,
          'KeyvalFormatError',
          'only one key can be added to a zone that is not empty',
        );
      case 'full':
        return fail(call, 'KeyvalZoneFull');
      case 'lost':
        return fail(call, 'StoreUnavailable');
    }
  }

  // ── zone_sync ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Nothing is ever pending: a write is answered when everybody has heard of it. */
  async #sync(call: Call): Promise<Reply> {
    if (!call.isRead) return fail(call, 'MethodDisabled');
    const { othersOnline, zones } = this.#parts;
    const all: [string, unknown][] = [];
    for (const zone of this.#zones()) {
      const counted = await zone.count();
      if (counted.kind === 'unavailable') return fail(call, 'StoreUnavailable');
      all.push([zone.config.name, { records_pending: 0, records_total: counted.count }]);
    }
    const { bytesIn, bytesOut, messagesIn, messagesOut } = zones.traffic;
    return shown({
      zones: Object.fromEntries(all),
      status: {
        bytes_in: bytesIn,
        msgs_in: messagesIn,
        msgs_out: messagesOut,
        bytes_out: bytesOut,
        nodes_online: await othersOnline(),
      },
    });
  }
}

function fail({ request, version }: Call, code: KeyvalErrorCode, text?: string): Reply {
  return keyvalError(code, request.requestId, version, text);
}

function shown(document: unknown): Reply {
  return { status: 200, fields: keyvalFields, body: JSON.stringify(document) };
}

function objectOf(
  entries: readonly { readonly key: string; readonly value: string }[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(entries.map(({ key, value }) => [key, value]));
}

/** Whoever owns a name can make it lead here, and a browser then takes its pages for ours. */
function isUnnamed(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

/** Null: none is asked for. A `+` is one, as NGINX has it. */
function keyOf(query: string): { readonly text: string } | null | 'malformed' {
  const [, raw] = /[?&]key=([^&]*)/.exec(query) ?? [];
  if (raw === undefined) return null;
  try {
    return { text: decodeURIComponent(raw) };
  } catch {
    return 'malformed';
  }
}
