import type { SessionStore, StoreUnavailable } from '../../src/session/session-store.ts';

type Call = keyof SessionStore;
const silent: StoreUnavailable = { kind: 'unavailable', reason: 'silent' };

/** A session store that does as it is told to: falls silent, throws, or holds its answers back; and counts. */
export class WaywardStore implements SessionStore {
  readonly calls: Call[] = [];
  mood: 'fine' | 'silent' | 'throwing' = 'fine';
  /** Calls whose answers are held back, after the store behind did what was asked. */
  readonly held = new Set<Call>();
  readonly #store: SessionStore;
  #waiting: (() => void)[] = [];

  constructor(store: SessionStore) {
    this.#store = store;
  }

  countOf(call: Call): number {
    return this.calls.filter((made) => made === call).length;
  }

  release(): void {
    this.held.clear();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  create: SessionStore['create'] = (session) =>
    this.#pass('create', () => this.#store.create(session));
  read: SessionStore['read'] = (key) => this.#pass('read', () => this.#store.read(key));
  touch: SessionStore['touch'] = (touches) => this.#pass('touch', () => this.#store.touch(touches));
  revoke: SessionStore['revoke'] = (keys, cause) =>
    this.#pass('revoke', () => this.#store.revoke(keys, cause));
  revokeUser: SessionStore['revokeUser'] = (directory, subject, caller) =>
    this.#pass('revokeUser', () => this.#store.revokeUser(directory, subject, caller));
  revokeAll: SessionStore['revokeAll'] = (lost) =>
    this.#pass('revokeAll', () => this.#store.revokeAll(lost));
  revocationNumber: SessionStore['revocationNumber'] = () =>
    this.#pass('revocationNumber', () => this.#store.revocationNumber());
  listOf: SessionStore['listOf'] = (directory, subject) =>
    this.#pass('listOf', () => this.#store.listOf(directory, subject));
  page: SessionStore['page'] = (skip, count) =>
    this.#pass('page', () => this.#store.page(skip, count));
  count: SessionStore['count'] = () => this.#pass('count', () => this.#store.count());
  sweep: SessionStore['sweep'] = () => this.#pass('sweep', () => this.#store.sweep());

  async #pass<Answer>(call: Call, ask: () => Promise<Answer>): Promise<Answer | StoreUnavailable> {
    this.calls.push(call);
    if (this.mood === 'silent') return silent;
    if (this.mood === 'throwing') throw new Error('the store threw');
    const answer = await ask();
    if (this.held.has(call)) await new Promise<void>((go) => this.#waiting.push(go));
    return answer;
  }
}
