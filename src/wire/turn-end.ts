/** Somebody with a small write that may wait. */
export interface TurnWriter {
  send(): void;
}

/** A turn with so many writes is a busy one, and those of the next wait; below, a wait costs more than it saves. */
const BUSY_WRITES_MIN = 8;
/** While turns are not busy, they are not counted but now and then: behind so many writes. */
const LOOK_WRITES = 32;
/** So many do not wait any longer: the first of them would wait for all the others of a long turn. */
const WAITING_MAX = 32;

const NOBODY: TurnWriter = {
  send(): void {
    // has nothing
  },
};

/**
 * The end of a turn of the event loop, its check phase. In busy times, small writes wait for it and leave right behind one another.
 *
 * A write wakes the process at the other end. Written one by one, as requests are read and decided, they find it asleep
 * again each time, for it has done meanwhile what the last one gave it; with 64 clients every eighth write wakes somebody,
 * and waking is the dearest part of a write. Together they wake it once.
 */
export class TurnEnd {
  /** Of all connections of this process. */
  static shared = new TurnEnd();
  readonly #busyWritesMin: number;
  /** Those from `#asked` up to `#count` wait. As long as it once was: to empty it and have it grow anew costs each turn. */
  readonly #waiting: TurnWriter[] = [];
  #count = 0;
  #asked = 0;
  #isBusy: boolean;
  #isAwaited = false;
  /** Since its end is awaited. */
  #writes = 0;
  #uncounted = 0;

  /** `busyWritesMin`: in a turn; 0 has all writes wait, always. */
  constructor(busyWritesMin = BUSY_WRITES_MIN) {
    this.#busyWritesMin = busyWritesMin;
    this.#isBusy = busyWritesMin === 0;
  }

  /** Whether `writer` will be asked to send, at the latest when the turn ends and perhaps within the call. False: it is not. */
  takes(writer: TurnWriter): boolean {
    if (!this.#isBusy) {
      this.#look();
      return false;
    }
    this.#await();
    this.#writes++;
    this.#waiting[this.#count++] = writer;
    if (this.#count >= WAITING_MAX) this.send();
    return true;
  }

  /** Whatever waits leaves now. */
  send(): void {
    const waiting = this.#waiting;
    while (this.#asked < this.#count) {
      const writer = waiting[this.#asked];
      waiting[this.#asked++] = NOBODY; // it may be gone long before its place is taken again
      writer?.send();
    }
    this.#count = 0;
    this.#asked = 0;
  }

  #look(): void {
    if (this.#isAwaited) this.#writes++;
    else if (++this.#uncounted >= LOOK_WRITES) {
      this.#uncounted = 0;
      this.#writes = 1;
      this.#await();
    }
  }

  #await(): void {
    if (this.#isAwaited) return;
    this.#isAwaited = true;
    setImmediate(this.#ended);
  }

  readonly #ended = (): void => {
    this.#isAwaited = false;
    this.#isBusy = this.#writes >= this.#busyWritesMin;
    this.#writes = 0;
    this.send();
  };
}
