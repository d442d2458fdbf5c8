import type { RedisLink } from './redis-link.ts';

export interface ReplicaWaitParts {
  readonly link: RedisLink;
  /** Writes something on this connection: `WAIT` waits for what its own connection has written, and for all before. */
  readonly mark: (link: RedisLink) => Promise<unknown>;
  readonly replicas: number;
  readonly waitMs: number;
}

/**
 * Asks whether replicas have what was committed. The server answers nothing else on that connection meanwhile, so it is
 * one that nothing else is asked on; and one question at a time: whoever comes while it is under way shares the next.
 */
export class ReplicaWait {
  readonly link: RedisLink;
  readonly #parts: ReplicaWaitParts;
  #underWay: Promise<unknown> = Promise.resolve();
  #next: Promise<boolean> | null = null;

  constructor(parts: ReplicaWaitParts) {
    this.#parts = parts;
    this.link = parts.link;
  }

  /** Of everything that was committed before this call. Rejects where nobody can say. */
  ask(): Promise<boolean> {
    if (this.#next === null) {
      const asked = this.#underWay.then(() => {
        this.#next = null;
        return this.#ask();
      });
      this.#next = asked;
      this.#underWay = asked.catch(() => {});
    }
    return this.#next;
  }

  async #ask(): Promise<boolean> {
    const { link, mark, replicas, waitMs } = this.#parts;
    await mark(link);
    const args = [replicas, Math.ceil(waitMs)];
    return Number(await link.call(2 * waitMs, 'WAIT', args)) >= replicas;
  }
}
