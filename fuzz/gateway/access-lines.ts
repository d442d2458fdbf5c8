import { caseOfAddress } from '../cases/client-address.ts';

/** What the access log tells of one exchange, as far as it is judged. */
export interface AccessLine {
  readonly requestId: string;
  readonly client: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly upstream: string | null;
  readonly user: string | null;
  readonly outcome: string;
}

/** Reads the access log as it is written, and keeps the lines by the case that they belong to. */
export class AccessLines {
  #byCase = new Map<number, AccessLine[]>();
  /** Lines of nobody's case, by path: the sentinels. */
  readonly #waiting = new Map<string, () => void>();
  #rest = '';
  count = 0;

  read(piece: string): void {
    const lines = (this.#rest + piece).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#take(JSON.parse(line) as AccessLine); // its shape is what the gateway writes
  }

  /** Done when the log tells of a request for this path. */
  until(path: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(path, resolve);
    });
  }

  /** What there is, by case; the next call begins anew. */
  takeAll(): Map<number, AccessLine[]> {
    const taken = this.#byCase;
    this.#byCase = new Map();
    return taken;
  }

  #take(line: AccessLine): void {
    this.count++;
    const index = caseOfAddress(line.client);
    if (index < 0) {
      this.#waiting.get(line.path)?.();
      return;
    }
    const known = this.#byCase.get(index);
    if (known === undefined) this.#byCase.set(index, [line]);
    else known.push(line);
  }
}
