import type { TokenServiceConfig } from '../config/token-service.ts';
import type { RouteConfig } from '../config/route.ts';
import type { RouteTokens } from '../gateway/route-tokens.ts';
import { TokenCache } from '../gateway/token-cache.ts';
import { TokenKey } from '../gateway/token-key.ts';
import type { Zones } from '../keyval/zones.ts';
import { systemClock } from '../lib/clock.ts';
import { HttpTokenService } from '../tokens/http-token-service.ts';
import type { TokenService } from '../tokens/token-service.ts';
import { publicKeysOf, TokenSigner } from '../tokens/token-signer.ts';
import type { WorkerParts } from './shared.ts';

/** Said again after so long, however many requests fail. */
const sayMs = 10_000;

/** The token caches of a process, by their names. */
export class TokenCaches {
  readonly #caches = new Map<string, { readonly cache: TokenCache; readonly key: TokenKey }>();
  readonly #services: TokenService[] = [];
  /** Of all signers. */
  readonly publicKeys: readonly Readonly<Record<string, unknown>>[];

  constructor({ config, log }: Pick<WorkerParts, 'config' | 'log'>, zones: Zones) {
    for (const one of config.tokenCaches) {
      const zone = zones.get(one.zone);
      if (zone === undefined) throw new Error(`no zone ${one.zone}`);
      const service = createService(one.service);
      this.#services.push(service);
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

  get all(): readonly TokenCache[] {
    return [...this.#caches.values()].map(({ cache }) => cache);
  }

  /** What a route adds to its requests; null: nothing. */
  of({ tokens }: RouteConfig): RouteTokens | null {
    if (tokens === null) return null;
    const found = this.#caches.get(tokens.cache);
    if (found === undefined) throw new Error(`no token cache ${tokens.cache}`);
    return { ...found, staleMsMax: tokens.staleMsMax };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#services.map((service) => service.stop()));
  }
}

function createService(config: TokenServiceConfig): TokenService {
  return config.type === 'http'
    ? new HttpTokenService(config, systemClock)
    : new TokenSigner(config, systemClock);
}
