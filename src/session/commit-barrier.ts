/**
 * Calls that may have ended sessions in the store and whose answers have not been applied here yet. Of two calls that end
 * the same session the store lets one find it, and it may be the other one that is answered first: that one has to wait
 * until the first has been heard, or it would report an end that this worker does not know of.
 */
export class CommitBarrier {
  readonly #underWay = new Set<Promise<unknown>>();

  /** A call together with the application of its answer; it never rejects. */
  track<Answer>(applied: Promise<Answer>): Promise<Answer> {
    const call = applied.finally(() => this.#underWay.delete(call));
    this.#underWay.add(call);
    return call;
  }

  /** When every call that is under way now has been applied. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}
