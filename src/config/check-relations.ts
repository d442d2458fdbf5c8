import { formatAddress, isWildcard } from './address.ts';
import type { Address } from './address.ts';
import type { ConfigDraft } from './config-draft.ts';
import type { ConfigPath } from './config-problems.ts';
import { checkWorkers } from './check-workers.ts';
import { asksForSessions, type ListenerDraft } from './read-listener.ts';
import { suggestion } from './read-options.ts';
import { checkRateLimits } from './check-rate-limits.ts';
import { checkTokenCaches } from './check-token-caches.ts';
import { checkSidecars } from './check-sidecars.ts';
import { areKeysMissing } from './store-keys.ts';

/**
 * Reports what is wrong between sections: names that do not exist, things that exclude or need each
 * other.
 */
export function checkRelations(draft: ConfigDraft): void {
  checkListenersExist(draft);
  checkAddresses(draft);
  checkRouteIds(draft);
  checkUpstreamNames(draft);
  checkRateLimits(draft);
  checkTokenCaches(draft);
  checkTrustedPeers(draft);
  checkSidecars(draft);
  checkCookie(draft);
  checkLoginDirectories(draft);
  checkKeptFields(draft);
  checkClientFields(draft);
  checkStoreKeys(draft);
  checkBearer(draft);
  checkLoginPages(draft);
  checkWorkers(draft);
  checkSiteListener(draft);
}

function checkListenersExist({ part, listeners }: ConfigDraft): void {
  const { problems } = part.document;
  if (listeners.length > 0 || problems.hasWithin(['listeners'])) return;
  const expected = 'expected at least one listener, such as edge: with an address and routes';
  problems.add(['listeners'], 'is missing', expected);
}

function checkAddresses({ part, listeners, admin }: ConfigDraft): void {
  const bound: { readonly path: ConfigPath; readonly address: Address }[] = [];
  for (const { options } of listeners) {
    const address = options?.value.address;
    if (options && address) bound.push({ path: [...options.path, 'address'], address });
  }
  if (admin) bound.push({ path: [...admin.path, 'address'], address: admin.value.address });
  for (const [index, { path, address }] of bound.entries()) {
    const earlier = bound.slice(0, index).find((other) => areInConflict(other.address, address));
    if (earlier === undefined) continue;
    const message = `is ${formatAddress(address)}, which ${earlier.path.slice(0, -1).join('.')} has`;
    part.document.problems.add(path, message, 'expected an address or a port of its own');
  }
}

function checkSiteListener({ admin, listeners, part }: ConfigDraft): void {
  const name = admin?.value.siteListener;
  if (!admin || name === undefined || !admin.isSound('siteListener')) return;
  if (listeners.some((listener) => listener.name === name)) return;
  const message = `is ${JSON.stringify(name)}, which is no listener`;
  part.document.problems.add([...admin.path, 'siteListener'], message, 'expected a listener');
}

function areInConflict(one: Address, other: Address): boolean {
  if (one.port === 0 || one.port !== other.port) return false;
  return one.host === other.host || isWildcard(one.host) || isWildcard(other.host);
}

function checkRouteIds({ part, listeners }: ConfigDraft): void {
  const ids = new Set<string>();
  for (const { id, options } of listeners.flatMap((listener) => listener.routes)) {
    if (ids.has(id)) {
      const message = `is ${JSON.stringify(id)}, the id of an earlier route`;
      part.document.problems.add([...options.path, 'id'], message, 'expected an id of its own');
    }
    ids.add(id);
  }
}

function checkUpstreamNames({ part, listeners, upstreams }: ConfigDraft): void {
  const names = upstreams.map((upstream) => upstream.name);
  for (const { options } of listeners.flatMap((listener) => listener.routes)) {
    const { upstream } = options.value;
    if (upstream === undefined || names.includes(upstream) || !options.isSound('upstream'))
      continue;
    const message = `is ${JSON.stringify(upstream)}, which is no upstream`;
    const path = [...options.path, 'upstream'];
    part.document.problems.add(path, message, suggestion(upstream, names));
  }
}

function checkTrustedPeers({ part, listeners }: ConfigDraft): void {
  const { problems } = part.document;
  for (const { part: listener, options, routes } of listeners) {
    const path = [...listener.path, 'trustedPeers'];
    const validate = routes.find((route) => route.options.value.endpoint === 'validate');
    if (validate === undefined || problems.hasWithin(path)) continue;
    if (options === undefined || options.value.trustedPeers.length > 0) continue;
    const message = 'is missing, so that nobody may ask the validate endpoint';
    problems.add(
      path,
      message,
      'expected the addresses of the proxies that ask, such as 127.0.0.1/32',
    );
  }
}

function checkCookie({ part, listeners, cookie }: ConfigDraft): void {
  const { problems } = part.document;
  const isSound =
    !problems.hasWithin(['cookie', 'name']) && !problems.hasWithin(['cookie', 'path']);
  if (cookie === undefined) return;
  const { name, path, sameSite } = cookie;
  if (name?.startsWith('__Host-') === true && path !== '/' && isSound) {
    const message = `is ${JSON.stringify(path)}, which browsers refuse for a __Host- name`;
    problems.add(['cookie', 'path'], message, 'expected /, or another name');
  }
  const inTheClear = listeners.find((listener) => isCookieInTheClear(listener));
  if (inTheClear === undefined) return;
  const reason = `browsers refuse in the clear, and listener ${inTheClear.name} is not secure`;
  if (/^__(?:Host|Secure)-/i.test(name ?? '') && !problems.hasWithin(['cookie', 'name'])) {
    const message = `is ${JSON.stringify(name)}, which ${reason}`;
    problems.add(['cookie', 'name'], message, 'expected a name without __, or tls there');
  }
  if (sameSite === 'None' && !problems.hasWithin(['cookie', 'sameSite'])) {
    const message = `is None, which ${reason}`;
    problems.add(['cookie', 'sameSite'], message, 'expected Lax or Strict, or tls there');
  }
}

function isCookieInTheClear({ options, routes }: ListenerDraft): boolean {
  if (options === undefined || !options.isSound('secure', 'tls', 'trustedProxies')) return false;
  if (options.value.secure || options.value.tls !== undefined) return false;
  // A proxy in front may say https; whoever comes past it in the clear only fails to log in.
  if (options.value.trustedProxies.length > 0) return false;
  return asksForSessions(routes);
}

function checkLoginDirectories({ part, login, directories }: ConfigDraft): void {
  const { problems } = part.document;
  const known = directories.map((directory) => directory.name);
  const asked = login?.value.directories ?? [];
  for (const [index, name] of asked.entries()) {
    const path = ['login', 'directories', index];
    if (!known.includes(name)) {
      const message = `is ${JSON.stringify(name)}, which is no directory`;
      problems.add(path, message, suggestion(name, known));
    } else if (asked.indexOf(name) < index) {
      problems.add(path, `is ${JSON.stringify(name)} again`, 'expected each directory once');
    }
  }
}

function checkKeptFields({ part, listeners, identity }: ConfigDraft): void {
  const taken = [
    ...['X-UserInfo', 'X-Request-Id', ...(identity ? [identity.value.field] : [])],
    ...listeners.flatMap(clientFieldsOf),
  ];
  for (const { options } of listeners.flatMap((listener) => listener.routes)) {
    for (const [index, field] of options.value.keepFields.entries()) {
      const alias = taken.find((name) => lettersOf(name) === lettersOf(field));
      const isForwarded = lettersOf(field).startsWith('xforwarded');
      if (alias === undefined && !isForwarded) continue;
      const message = `is ${JSON.stringify(field)}, which some applications take for ${alias ?? 'X-Forwarded-…'}`;
      const path = [...options.path, 'keepFields', index];
      part.document.problems.add(path, message, 'expected a field that the gateway does not set');
    }
  }
}

function clientFieldsOf({ options }: ListenerDraft): readonly string[] {
  const { subjectField, fingerprintField, namesField } =
    options?.value.tls?.clientCertificates ?? {};
  return [subjectField, fingerprintField, namesField].filter((name) => name !== undefined);
}

/** One field cannot say who logged in and whose certificate it is. */
function checkClientFields({ part, listeners, identity }: ConfigDraft): void {
  const own = ['X-UserInfo', ...(identity ? [identity.value.field] : [])];
  const taken = new Set(own.map(lettersOf));
  for (const listener of listeners) {
    const clash = clientFieldsOf(listener).find((name) => taken.has(lettersOf(name)));
    if (clash === undefined) continue;
    const message = `has a field ${JSON.stringify(clash)}, which says who is logged in`;
    const path = [...listener.part.path, 'tls', 'clientCertificates'];
    part.document.problems.add(path, message, 'expected a field of its own');
  }
}

function lettersOf(field: string): string {
  return field.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function checkStoreKeys({ part, sessions, tokens }: ConfigDraft): void {
  if (sessions === undefined || tokens === undefined) return;
  if (!areKeysMissing(sessions.store.type, tokens.keys)) return;
  const message = `is missing, but sessions in ${sessions.store.type} outlive this process`;
  part.document.problems.add(['tokens', 'keys'], message, 'expected at least one key');
}

/** Whom should a token be shown to? */
function checkBearer({ part, listeners, directories }: ConfigDraft): void {
  const isOneThere = directories.some(
    ({ config }) => config === undefined || config.type === 'token',
  );
  if (isOneThere) return;
  for (const { config, options } of listeners.flatMap((listener) => listener.routes)) {
    if (config?.auth !== 'bearer' && config?.auth !== 'sessionOrBearer') continue;
    const message = `is ${config.auth}, but no directory checks tokens`;
    part.document.problems.add(
      [...options.path, 'auth'],
      message,
      'expected a directory of type token',
    );
  }
}

function checkLoginPages({ part, top, listeners }: ConfigDraft): void {
  if (top?.value.answers !== 'tyke') return;
  for (const { options } of listeners.flatMap((listener) => listener.routes)) {
    if (options.value.endpoint !== 'loginPage') continue;
    const message = 'is loginPage, and there are no pages under answers: tyke';
    const expected = 'expected login, or answers: modern';
    part.document.problems.add([...options.path, 'endpoint'], message, expected);
  }
}
