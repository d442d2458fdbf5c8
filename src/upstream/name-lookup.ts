import { lookup, Resolver } from 'node:dns/promises';
import type { NamesConfig } from '../config/names.ts';

/** What a name stands for now. */
export interface Addresses {
  /** At least one, sorted, each once. */
  readonly addresses: readonly string[];
  /** For how long that is good; null where nobody said. */
  readonly ttlMs: number | null;
}

/** Rejects where nobody could say, and where there is no address. */
export type NameLookup = (name: string) => Promise<Addresses>;

interface FoundAddress {
  readonly address: string;
  readonly family: 4 | 6;
  readonly ttlMs: number | null;
}

/** Codes of answers that say: none of that kind. Anything else says nothing about the name. */
const NONE_THERE: ReadonlySet<unknown> = new Set(['ENODATA', 'ENOTFOUND']);

/** Asks the configured name servers, or the system where there are none (its hosts file counts then). */
export function createLookup(config: NamesConfig): NameLookup {
  const find = config.servers.length === 0 ? askSystem : askServers(config);
  return async (name) => chosen(await find(name), name, config.family);
}

async function askSystem(name: string): Promise<FoundAddress[]> {
  const found = await lookup(name, { all: true });
  return found.map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
    ttlMs: null,
  }));
}

function askServers({ family, servers, timeoutMs }: NamesConfig) {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2, maxTimeout: timeoutMs });
  resolver.setServers([...servers]);
  const ask = async (name: string, kind: 4 | 6): Promise<FoundAddress[]> => {
    try {
      const found =
        kind === 4
          ? await resolver.resolve4(name, { ttl: true })
          : await resolver.resolve6(name, { ttl: true });
      return found.map(({ address, ttl }) => ({ address, family: kind, ttlMs: ttl * 1000 }));
    } catch (error) {
      if (error instanceof Error && NONE_THERE.has(Reflect.get(error, 'code'))) return [];
      throw error;
    }
  };
  return async (name: string): Promise<FoundAddress[]> => {
    if (family === 'ipv6') return ask(name, 6);
    const old = await ask(name, 4);
    const isEnough = family === 'ipv4' || (family === 'ipv4First' && old.length > 0);
    return isEnough ? old : [...old, ...(await ask(name, 6))];
  };
}

function chosen(found: readonly FoundAddress[], name: string, family: NamesConfig['family']) {
  const old = found.filter((one) => one.family === 4);
  const young = found.filter((one) => one.family === 6);
  const wanted = {
    ipv4: old,
    ipv6: young,
    ipv4First: old.length > 0 ? old : young,
    both: [...old, ...young],
  }[family];
  if (wanted.length === 0) throw new Error(`${name} has no address of the kind that is wanted`);
  const ttls = wanted.flatMap(({ ttlMs }) => ttlMs ?? []);
  return {
    addresses: [...new Set(wanted.map(({ address }) => address))].toSorted(),
    ttlMs: ttls.length === 0 ? null : Math.min(...ttls),
  };
}
