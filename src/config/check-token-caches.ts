import type { ConfigDraft } from './config-draft.ts';
import { suggestion } from './read-options.ts';
import type { TokenCacheDraft } from './token-cache.ts';

/** What is wrong between zones, token caches, and the routes that use them. */
export function checkTokenCaches(draft: ConfigDraft): void {
  for (const [index, cache] of draft.tokenCaches.entries()) {
    checkZone(cache, draft, draft.tokenCaches.slice(0, index));
    checkSigner(cache);
    checkField(cache, draft);
  }
  checkRoutes(draft);
  checkKeyvalZones(draft);
}

function checkZone(
  { config, part }: TokenCacheDraft,
  { zones }: ConfigDraft,
  earlier: readonly TokenCacheDraft[],
): void {
  if (config === undefined) return;
  const { problems } = part.document;
  const path = [...part.path, 'zone'];
  const zone = zones.find(({ name }) => name === config.zone);
  if (zone === undefined) {
    const names = zones.map(({ name }) => name);
    const message = `is ${JSON.stringify(config.zone)}, which is no zone`;
    problems.add(path, message, suggestion(config.zone, names));
    return;
  }
  const other = earlier.find((one) => one.config?.zone === config.zone);
  if (other !== undefined) {
    const message = `is ${config.zone}, which token cache ${other.name} has`;
    // A token is known by its key alone: what one service made would be sent to the upstreams of the other.
    problems.add(path, message, 'expected a zone of its own');
  }
  if (zone.config !== undefined && zone.config.livesMs === null) {
    const message = `is ${config.zone}, whose entries never end`;
    problems.add(path, message, 'expected a zone with a timeout');
  }
}

/** What is signed says who it is for, so the key has to say as much. */
function checkSigner({ config, part }: TokenCacheDraft): void {
  if (config?.service.type !== 'signer') return;
  if (config.key.some(({ by }) => by === 'principal')) return;
  const message = 'has no principal, and tokens of one user would be sent for another';
  part.document.problems.add([...part.path, 'key'], message, 'expected principal among its parts');
}

function checkField({ config, part }: TokenCacheDraft, { identity }: ConfigDraft): void {
  const taken = ['x-userinfo', identity?.value.field.toLowerCase()];
  if (config === undefined || !taken.includes(config.field.toLowerCase())) return;
  const message = `is ${config.field}, which says who is logged in`;
  part.document.problems.add([...part.path, 'field'], message, 'expected a field of its own');
}

function checkRoutes({ listeners, part, tokenCaches }: ConfigDraft): void {
  const { problems } = part.document;
  const names = tokenCaches.map(({ name }) => name);
  for (const { config, options } of listeners.flatMap((listener) => listener.routes)) {
    const { tokenCache } = options.value;
    if (tokenCache === undefined || !options.isSound('tokenCache')) continue;
    const path = [...options.path, 'tokenCache'];
    const cache = tokenCaches.find(({ name }) => name === tokenCache);
    if (cache === undefined) {
      const message = `is ${JSON.stringify(tokenCache)}, which is no token cache`;
      problems.add(path, message, suggestion(tokenCache, names));
      continue;
    }
    const hasPrincipal = config?.auth !== 'none' && config?.auth !== 'token-cache';
    const own = cache.config?.key.find(({ by }) => isOfPrincipal(by));
    if (config !== undefined && own !== undefined && !hasPrincipal) {
      const message = `is ${tokenCache}, whose key has the ${own.by}, and nobody has to log in here`;
      problems.add(path, message, 'expected auth: session, bearer or sessionOrBearer here');
    }
    const takesBearers = config?.auth === 'bearer' || config?.auth === 'sessionOrBearer';
    if (takesBearers && cache.config?.key.some(({ by }) => by === 'session')) {
      const message = `is ${tokenCache}, whose key has the session, and bearers have none`;
      problems.add(path, message, 'expected auth: session here, or principal in the key');
    }
  }
}

function isOfPrincipal(by: string): boolean {
  return by === 'user' || by === 'session' || by === 'principal';
}

function checkKeyvalZones({ listeners, part, zones }: ConfigDraft): void {
  const names = zones.map(({ name }) => name);
  for (const { options } of listeners.flatMap((listener) => listener.routes)) {
    for (const [index, name] of (options.value.keyval?.zones ?? []).entries()) {
      if (names.includes(name)) continue;
      const path = [...options.path, 'keyval', 'zones', index];
      const message = `is ${JSON.stringify(name)}, which is no zone`;
      part.document.problems.add(path, message, suggestion(name, names));
    }
  }
}
