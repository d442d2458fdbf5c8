import type { LogEntry, LogPosition } from '../session/log-entry.ts';
import type { Bus } from './bus.ts';

/** Tells revokers what has been applied here: at most once a turn each, whatever came in. */
export class Acknowledger {
  readonly #worker: string;
  readonly #bus: Pick<Bus, 'acknowledge'>;
  readonly #due = new Map<string, LogPosition[]>();
  #isScheduled = false;

  constructor(worker: string, bus: Pick<Bus, 'acknowledge'>) {
    this.#worker = worker;
    this.#bus = bus;
  }

  applied({ number, revoker, tag }: LogEntry): void {
    if (revoker === this.#worker) return;
    const positions = this.#due.get(revoker);
    if (positions === undefined) this.#due.set(revoker, [{ number, tag }]);
    else positions.push({ number, tag });
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#send());
  }

  #send(): void {
    this.#isScheduled = false;
    for (const [revoker, entries] of this.#due) {
      this.#bus.acknowledge(revoker, { worker: this.#worker, entries });
    }
    this.#due.clear();
  }
}
