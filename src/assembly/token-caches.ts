import type { TokenServiceConfig } from '../config/token-service.ts';
import type { RouteConfig } from '../config/route.ts';
import type { RouteTokens } from '../gateway/route-tokens.ts';
import { PaperTokens } from '../gateway/paper-tokens.ts';
import { TokenCache } from '../gateway/token-cache.ts';
import { TokenKey } from '../gateway/token-key.ts';
import type { Zones } from '../keyval/zones.ts';
import { systemClock } from '../lib/clock.ts';
import { publicKeysOf } from '../tokens/public-keys.ts';
import type { TokenService } from '../tokens/token-service.ts';
import type { WorkerParts } from './shared.ts';

/** Said again after so long, however many requests fail. */
const sayMs = 10_000;

/** The token caches of a process, by their names. */
export class TokenCaches {
  readonly #caches = new Map<string, { readonly cache: TokenCache; readonly key: TokenKey }>();
  readonly #services: readonly TokenService[];
  /** Of all signers. */
  readonly publicKeys: readonly Readonly<Record<string, unknown>>[];

  private constructor(
    { config, log }: Pick<WorkerParts, 'config' | 'log'>,
    zones: Zones,
    services: readonly TokenService[],
  ) {
    this.#services = services;
    for (const [index, one] of config.tokenCaches.entries()) {
      const zone = zones.get(one.zone);
      if (zone === undefined) throw new Error(`no zone ${one.zone}`);
      const service = services[index];
      if (service === undefined) throw new Error(`no service of ${one.name}`);
      let saidAtMs = -Infinity;
      const cache = new TokenCache({
        ...{ config: one, zone, service, clock: systemClock },
        onFailure: (reason) => {
          const nowMs = systemClock.monotonic();
          if (nowMs - saidAtMs < sayMs) return;
          saidAtMs = nowMs;
          log.warn('tokens.failed', { cache: one.name, reason });
        },
      });
      this.#caches.set(one.name, { cache, key: new TokenKey(one) });
    }
    this.publicKeys = publicKeysOf(
      config.tokenCaches.flatMap(({ service }) => (service.type === 'signer' ? [service] : [])),
    );
  }

  /** What asks a token service is loaded only where one is configured. */
  static async create(
    parts: Pick<WorkerParts, 'config' | 'log'>,
    zones: Zones,
  ): Promise<TokenCaches> {
    const services = parts.config.tokenCaches.map(({ service }) => createService(service));
    return new TokenCaches(parts, zones, await Promise.all(services));
  }

  get all(): readonly TokenCache[] {
    return [...this.#caches.values()].map(({ cache }) => cache);
  }

  /** What a route adds to its requests; null: nothing. */
  of({ tokens }: RouteConfig): (RouteTokens & { readonly cache: TokenCache }) | null {
    if (tokens === null) return null;
    const found = this.#caches.get(tokens.cache);
    if (found === undefined) throw new Error(`no token cache ${tokens.cache}`);
    return { ...found, staleMsMax: tokens.staleMsMax };
  }

  /** The same for whoever only looks. */
  lookOf(route: RouteConfig): (RouteTokens & { readonly cache: PaperTokens }) | null {
    const tokens = this.of(route);
    return tokens && { ...tokens, cache: new PaperTokens(tokens.cache) };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()));
  }
}

async function createService(config: TokenServiceConfig): Promise<TokenService> {
  if (config.type === 'http') {
    const { HttpTokenService } = await import('../tokens/http-token-service.ts');
    return new HttpTokenService(config, systemClock);
  }
  const { TokenSigner } = await import('../tokens/token-signer.ts');
  return new TokenSigner(config, systemClock);
}
