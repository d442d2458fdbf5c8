import { Slab } from './slab.ts';

/** What is read into just now, where it is a body that goes on as it comes; else the one buffer of all is enough. */
export class ReadRoom {
  slab: Slab | null = null;

  /**
   * Before each read. A slab that nobody kept is given back, also where one is wanted: whoever has no use for one copies
   * out of the one buffer of all as well.
   */
  next(isWanted: boolean): Buffer | null {
    const { slab } = this;
    const isUnused = slab !== null && !slab.isKept;
    if (isUnused) slab.release();
    this.slab = isWanted && !isUnused ? Slab.take() : null;
    return this.slab?.room ?? null;
  }
}
