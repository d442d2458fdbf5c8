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

const silent: StoreUnavailable = Object.freeze({ kind: 'unavailable', reason: 'silent' });

/** A store whose calls are counted and whose failures are answers, whatever an adapter lets through. */
export class GuardedStore implements SessionStore {
  readonly #store: SessionStore;
  readonly #counters: SessionCounters;
  readonly #onFailure: (error: unknown) => void;

  constructor(store: SessionStore, counters: SessionCounters, onFailure: (error: unknown) => void) {
    this.#store = store;
    this.#counters = counters;
    this.#onFailure = onFailure;
  }

  create(session: NewSession): Promise<CreateAnswer> {
    return this.#guard(() => this.#store.create(session));
  }

  read(key: string): Promise<ReadAnswer> {
    return this.#guard(() => this.#store.read(key));
  }

  touch(touches: readonly SessionTouch[]): Promise<TouchAnswer> {
    return this.#guard(() => this.#store.touch(touches));
  }

  revoke(keys: readonly string[], cause?: 'lost'): Promise<RevokeAnswer> {
    return this.#guard(() => this.#store.revoke(keys, cause));
  }

  revokeUser(directory: string, subject: string, caller: string | null): Promise<RevokeUserAnswer> {
    return this.#guard(() => this.#store.revokeUser(directory, subject, caller));
  }

  revokeAll(lost?: number): Promise<RevokeAnswer> {
    return this.#guard(() => this.#store.revokeAll(lost));
  }

  revocationNumber(): Promise<RevocationNumberAnswer> {
    return this.#guard(() => this.#store.revocationNumber());
  }

  listOf(directory: string, subject: string): Promise<ListAnswer> {
    return this.#guard(() => this.#store.listOf(directory, subject));
  }

  page(skip: number, count: number): Promise<ListAnswer> {
    return this.#guard(() => this.#store.page(skip, count));
  }

  count(): Promise<CountAnswer> {
    return this.#guard(() => this.#store.count());
  }

  sweep(): Promise<CountAnswer> {
    return this.#guard(() => this.#store.sweep());
  }

  async #guard<Answer extends { readonly kind: string }>(
    call: () => Promise<Answer>,
  ): Promise<Answer | StoreUnavailable> {
    this.#counters.storeCalls += 1;
    try {
      const answer = await call();
      if (answer.kind === 'unavailable') this.#counters.storeFailures += 1;
      return answer;
    } catch (error) {
      this.#counters.storeFailures += 1;
      this.#onFailure(error);
      return silent;
    }
  }
}
