import type { Principal } from '../identity/principal.ts';
import { systemClock, type Clock } from '../lib/clock.ts';
import type { TokenVerdict } from './token-directory.ts';

/** What is remembered of a token that was found good. */
export interface KnownBearer {
  readonly principal: Principal;
  readonly identityFields: string;
  readonly goodUntilMs: number;
  readonly endsAtMs: number;
}

type Answer =
  | { readonly kind: 'valid'; readonly bearer: KnownBearer }
  | { readonly kind: 'none' | 'unavailable' };

/** What one request may wait for a connection. */
const graceMs = 60_000;

interface BearerCacheParts {
  readonly directories: { authenticateToken(token: string): Promise<TokenVerdict> };
  /** How many tokens are remembered. */
  readonly entriesMax: number;
  /** What upstreams are told; null where that cannot be written. */
  readonly describe: (principal: Principal) => string | null;
  readonly clock?: Clock;
}

/**
 * Tokens that come with each request. One that was found good is taken by its whole text, until it ends or is to be looked
 * at again; nothing is remembered of one that was refused. Full, it forgets the token that was first remembered.
 */
export class BearerCache {
  readonly #parts: BearerCacheParts;
  readonly #clock: Clock;
  readonly #known = new Map<string, KnownBearer>();
  readonly #asking = new Map<string, Promise<Answer>>();

  constructor(parts: BearerCacheParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
  }

  peek(token: string, nowMs: number): KnownBearer | undefined {
    const known = this.#known.get(token);
    if (known === undefined || nowMs < known.goodUntilMs) return known;
    this.#known.delete(token);
    return undefined;
  }

  /** Many requests with the same token ask once. */
  resolve(token: string): Promise<Answer> {
    const asking = this.#asking.get(token);
    if (asking !== undefined) return asking;
    const asked = this.#ask(token).finally(() => this.#asking.delete(token));
    this.#asking.set(token, asked);
    return asked;
  }

  async #ask(token: string): Promise<Answer> {
    const verdict = await this.#parts.directories.authenticateToken(token);
    if (verdict.kind === 'unavailable') return verdict;
    if (verdict.kind === 'rejected') return { kind: 'none' };
    const { endsAtMs, goodUntilMs, principal } = verdict;
    const identityFields = this.#parts.describe(principal);
    // Whom upstreams cannot be told about is nobody to them, so nobody gets through.
    if (identityFields === null) return { kind: 'none' };
    const nowMs = this.#clock.now();
    if (goodUntilMs > nowMs) {
      const bearer = { principal, identityFields, goodUntilMs, endsAtMs };
      this.#remember(token, bearer);
      return { kind: 'valid', bearer };
    }
    // It has just ended by our clock, and not yet by a clock within the tolerance: good for this one request.
    const bearer = { principal, identityFields, goodUntilMs: nowMs + graceMs, endsAtMs };
    return { kind: 'valid', bearer };
  }

  #remember(token: string, bearer: KnownBearer): void {
    if (this.#known.size >= this.#parts.entriesMax) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    // A copy: what was cut from the head of a request would keep all of it.
    this.#known.set(Buffer.from(token, 'latin1').toString('latin1'), bearer);
  }
}
