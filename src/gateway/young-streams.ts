/** What the list keeps in each of its members. */
export interface YoungStream<Stream> {
  older: Stream | null;
  newer: Stream | null;
  /** False: in no list. */
  isYoung: boolean;
}

/**
 * Those that are under way, oldest first, joined by fields of their own. A `Map` would do, but for one thing: with an entry
 * in and out per request it makes a new table every hundred or so, each table holds on to the next, and one that has
 * grown old keeps alive all that come after it, with everything that was in them.
 */
export class YoungStreams<Stream extends YoungStream<Stream>> {
  /** Null: there is none. */
  oldest: Stream | null = null;
  #newest: Stream | null = null;

  add(stream: Stream): void {
    if (stream.isYoung) return;
    stream.isYoung = true;
    stream.older = this.#newest;
    if (this.#newest === null) this.oldest = stream;
    else this.#newest.newer = stream;
    this.#newest = stream;
  }

  /** False: it was not there. */
  delete(stream: Stream): boolean {
    if (!stream.isYoung) return false;
    const { newer, older } = stream;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    stream.isYoung = false;
    // A dead one must not keep others alive.
    stream.older = null;
    stream.newer = null;
    return true;
  }

  all(): Stream[] {
    const streams: Stream[] = [];
    for (let stream = this.oldest; stream !== null; stream = stream.newer) streams.push(stream);
    return streams;
  }
}
