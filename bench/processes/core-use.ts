import { readFileSync } from 'node:fs';

/** How long a core, or all of them, has worked and how long it has been there, in the kernel's ticks. */
interface Ticks {
  readonly busy: number;
  readonly all: number;
}

function ticksOf(core: number | null): Ticks | null {
  const line = new RegExp(`^cpu${core ?? ''} +(.+)$`, 'm').exec(
    readFileSync('/proc/stat', 'utf8'),
  )?.[1];
  if (line === undefined) return null;
  // proc(5): user nice system idle iowait irq softirq steal; guests are in user already.
  const [user = 0, nice = 0, system = 0, idle = 0, ioWait = 0, irq = 0, soft = 0, steal = 0] = line
    .split(' ')
    .map(Number);
  const busy = user + nice + system + irq + soft + steal;
  return { busy, all: busy + idle + ioWait };
}

/** How busy a core is, whoever uses it, from here to when it is asked; null: all cores together. */
export class CoreUse {
  readonly #core: number | null;
  readonly #before: Ticks | null;

  constructor(core: number | null) {
    this.#core = core;
    this.#before = ticksOf(core);
  }

  /** Null where the kernel does not tell. */
  get share(): number | null {
    const after = ticksOf(this.#core);
    if (after === null || this.#before === null || after.all === this.#before.all) return null;
    return (after.busy - this.#before.busy) / (after.all - this.#before.all);
  }
}
