import type { Clock } from '../lib/clock.ts';
import type { SessionCounters } from './session-counters.ts';
import type {
  CountAnswer,
  CreateAnswer,
  ListAnswer,
  NewSession,
  ReadAnswer,
  RevocationNumberAnswer,
  RevokeAnswer,
  RevokeUserAnswer,
  SessionStore,
  SessionTouch,
  StoreUnavailable,
  TouchAnswer,
} from './session-store.ts';
import type { StoreDeed } from './store-latency.ts';

const silent: StoreUnavailable = Object.freeze({ kind: 'unavailable', reason: 'silent' });

/** A store whose calls are counted and timed, and whose failures are answers, whatever an adapter lets through. */
export class GuardedStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #counters: SessionCounters;
  readonly #clock: Clock;
  readonly #onFailure: (error: unknown) => void;

  constructor(
    store: SessionStore,
    counters: SessionCounters,
    clock: Clock,
    onFailure: (error: unknown) => void,
  ) {
    this.#store = store;
    this.#counters = counters;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  create(session: NewSession): Promise<CreateAnswer> {
    return this.#guard('create', () => this.#store.create(session));
  }

  read(key: string): Promise<ReadAnswer> {
    return this.#guard('read', () => this.#store.read(key));
  }

  touch(touches: readonly SessionTouch[]): Promise<TouchAnswer> {
    return this.#guard('touch', () => this.#store.touch(touches));
  }

  revoke(keys: readonly string[], cause?: 'lost'): Promise<RevokeAnswer> {
    return this.#guard('revoke', () => this.#store.revoke(keys, cause));
  }

  revokeUser(directory: string, subject: string, caller: string | null): Promise<RevokeUserAnswer> {
    return this.#guard('revoke', () => this.#store.revokeUser(directory, subject, caller));
  }

  revokeAll(lost?: number): Promise<RevokeAnswer> {
    return this.#guard('revoke', () => this.#store.revokeAll(lost));
  }

  revocationNumber(): Promise<RevocationNumberAnswer> {
    return this.#guard('read', () => this.#store.revocationNumber());
  }

  listOf(directory: string, subject: string): Promise<ListAnswer> {
    return this.#guard('list', () => this.#store.listOf(directory, subject));
  }

  page(skip: number, count: number): Promise<ListAnswer> {
    return this.#guard('list', () => this.#store.page(skip, count));
  }

  count(): Promise<CountAnswer> {
    return this.#guard('count', () => this.#store.count());
  }

  sweep(): Promise<CountAnswer> {
    return this.#guard('sweep', () => this.#store.sweep());
  }

  async #guard<Answer extends { readonly kind: string }>(
    deed: StoreDeed,
    call: () => Promise<Answer>,
  ): Promise<Answer | StoreUnavailable> {
    const beganAtMs = this.#clock.monotonic();
    this.#counters.storeCalls += 1;
    try {
      const answer = await call();
      if (answer.kind === 'unavailable') this.#counters.storeFailures += 1;
      return answer;
    } catch (error) {
      this.#counters.storeFailures += 1;
      this.#onFailure(error);
      return silent;
    } finally {
      this.#counters.storeLatency.add(deed, this.#clock.monotonic() - beganAtMs);
    }
  }
}
