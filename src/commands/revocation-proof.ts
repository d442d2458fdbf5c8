import type { StoreService } from '../assembly/session-store.ts';
import type { Follower } from '../coherence/follower.ts';
import type { Clock } from '../lib/clock.ts';
import type { Replica } from '../session/replica.ts';
import { createSessionId, sessionKeyOf } from '../session/session.ts';
import type { SessionTokens } from '../tokens/session-token.ts';
import type { NodeProbe, Probing } from './node-probe.ts';
import type { ProofRound } from './proof-report.ts';

export interface RevocationProofParts {
  readonly service: StoreService;
  readonly follower: Follower;
  readonly tokens: SessionTokens;
  readonly cookieNames: ReadonlySet<string>;
  readonly probes: readonly NodeProbe[];
  readonly stalenessMs: number;
  readonly clock: Clock;
}

/** Somebody whom no directory knows and no route lets in: all that the sessions are for is to end. */
const principal = Object.freeze({
  subject: 'prove-revocation',
  directory: 'prove-revocation',
  role: 'nobody',
  groups: Object.freeze([]),
  attributes: Object.freeze({}),
});

/** This process has no sessions of its own. */
const nobody: Replica = {
  apply: () => {},
  jump: () => {},
  revokedLately: () => [],
};

const startTimeoutMs = 10_000;
const endTimeoutMs = 10_000;
const lookMs = 20;

/** What keeps it from being tried, in a sentence. */
export class ProofFailure extends Error {
  override readonly name = 'ProofFailure';
}

/** Opens sessions in the store, uses each on every connection, ends it, and looks who accepts it for how long. */
export class RevocationProof {
  readonly #parts: RevocationProofParts;
  /** Keys that are open in the store. */
  readonly #open = new Set<string>();
  #isInterrupted = false;

  constructor(parts: RevocationProofParts) {
    this.#parts = parts;
  }

  /** Becomes a member, as a worker is one. */
  async start(): Promise<void> {
    const { clock, follower, service } = this.#parts;
    follower.lead(nobody, () => Promise.resolve('reminded'));
    await service.start?.();
    const untilMs = clock.monotonic() + startTimeoutMs;
    while (follower.state !== 'coherent') {
      if (clock.monotonic() > untilMs || this.#isInterrupted) {
        throw new ProofFailure('the store does not answer');
      }
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  /** The round that is under way is the last. */
  interrupt(): void {
    this.#isInterrupted = true;
  }

  /** Ends what is still open, and leaves. Rejects where the store does not confirm it. */
  async stop(): Promise<void> {
    const { probes, service } = this.#parts;
    for (const probe of probes) probe.close();
    try {
      await this.#endAll();
    } finally {
      await service.stop?.();
    }
  }

  /** The store may be out for a moment, and a round that failed may have ended what it opened. */
  async #endAll(): Promise<void> {
    const { clock, service } = this.#parts;
    const untilMs = clock.monotonic() + endTimeoutMs;
    while (this.#open.size > 0) {
      const answer = await service.store.revoke([...this.#open]);
      if (answer.kind === 'revoked') return;
      if (clock.monotonic() > untilMs) {
        const count = this.#open.size;
        const what = count === 1 ? 'a session' : `${String(count)} sessions`;
        throw new ProofFailure(
          `the store does not answer: ${what} of prove-revocation may still be open, for an hour at most`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  async run(sessions: number): Promise<ProofRound[]> {
    const rounds: ProofRound[] = [];
    while (rounds.length < sessions && !this.#isInterrupted) rounds.push(await this.#round());
    return rounds;
  }

  async #round(): Promise<ProofRound> {
    const { clock, follower, probes, service } = this.#parts;
    const { cookie, key } = await this.#openOne();
    await this.#meet(cookie);
    const end = { acknowledgedAtMs: Infinity };
    const patienceMs = 2 * this.#parts.stalenessMs;
    const hunting = Promise.all(probes.map((probe) => hunt(probe, cookie, end, patienceMs)));
    const answer = await service.store.revoke([key]);
    if (answer.kind !== 'revoked') {
      end.acknowledgedAtMs = -Infinity;
      await hunting;
      throw new ProofFailure('the store did not answer an end');
    }
    const repliedAtMs = clock.monotonic();
    this.#open.delete(key);
    const settlement = answer.commit && (await follower.settle(answer.commit));
    end.acknowledgedAtMs = clock.monotonic();
    const hunts = await hunting;
    return {
      refusedAfterMs: Math.max(0, ...hunts.map(({ refusedAtMs }) => refusedAtMs - repliedAtMs)),
      settledAfterMs: end.acknowledgedAtMs - repliedAtMs,
      unacknowledged: settlement === null ? 0 : settlement.members - settlement.acknowledged,
      stale: hunts.reduce((sum, { stale }) => sum + stale, 0),
      requests: hunts.reduce((sum, { requests }) => sum + requests, 0),
    };
  }

  async #openOne(): Promise<{ readonly key: string; readonly cookie: string }> {
    const { cookieNames, service, tokens } = this.#parts;
    const id = createSessionId();
    const key = sessionKeyOf(id);
    // Whatever becomes of the answer.
    this.#open.add(key);
    const created = await service.store.create({ key, principal, actor: null, since: null });
    if (created.kind !== 'created') throw new ProofFailure('the store opens no session');
    const token = tokens.seal(id);
    return { key, cookie: [...cookieNames].map((name) => `${name}=${token}`).join('; ') };
  }

  /** Every connection has the session in the cache of its worker. */
  async #meet(cookie: string): Promise<void> {
    const met = await Promise.all(this.#parts.probes.map((probe) => probe.ask(cookie)));
    for (const [index, { status, verdict }] of met.entries()) {
      if (verdict === 'accepted') continue;
      const what = status === null ? 'does not answer' : `answers ${String(status)}`;
      throw new ProofFailure(
        `${String(this.#parts.probes[index]?.url)} ${what} to a live session: is it a node of this configuration, and does that path need a session?`,
      );
    }
  }
}

interface Hunt {
  readonly refusedAtMs: number;
  readonly stale: number;
  readonly requests: number;
}

/** Asks until it is refused when everybody is said to know, or the bound is over twice. */
async function hunt(
  probe: NodeProbe,
  cookie: string,
  end: { readonly acknowledgedAtMs: number },
  patienceMs: number,
): Promise<Hunt> {
  let refusedAtMs = Infinity;
  let stale = 0;
  for (let requests = 1; ; requests += 1) {
    const probing: Probing = await probe.ask(cookie);
    const isAfter = probing.sentAtMs > end.acknowledgedAtMs;
    if (probing.verdict === 'accepted') {
      refusedAtMs = Infinity;
      if (isAfter) stale += 1;
    } else if (probing.verdict === 'refused') {
      refusedAtMs = Math.min(refusedAtMs, probing.answeredAtMs);
      if (isAfter) return { refusedAtMs, stale, requests };
    }
    if (probing.sentAtMs > end.acknowledgedAtMs + patienceMs) {
      return { refusedAtMs: probing.answeredAtMs, stale, requests };
    }
  }
}
