import { Slab } from './slab.ts';

/** What is read into just now, where it is a body that goes on as it comes; else the one buffer of all is enough. */
export class ReadRoom {
  slab: Slab | null = null;

  /** Before each read. A slab that nobody kept is read into again, or given back where none is wanted. */
  next(isWanted: boolean): Buffer | null {
    const { slab } = this;
    if (slab !== null && !slab.isKept) {
      if (isWanted) return slab.bytes;
      slab.release();
    }
    this.slab = isWanted ? Slab.take() : null;
    return this.slab?.bytes ?? null;
  }
}
