import { textsOf } from './redis-answers.ts';
import type { RedisStore } from './redis-store.ts';

/**
 * A hash with a note of each worker, sealed: whoever reads Redis learns no names, and whoever writes there can show
 * nobody anything. Notes of workers that are in the table of members no more are removed by whoever reads.
 */
export class RedisBoard {
  readonly #store: RedisStore;
  readonly #members: () => Promise<readonly { readonly worker: string }[] | null>;

  constructor(
    store: RedisStore,
    members: () => Promise<readonly { readonly worker: string }[] | null>,
  ) {
    this.#store = store;
    this.#members = members;
  }

  async put(member: string, note: string): Promise<void> {
    const { commandMs, parts, requests } = this.#store;
    const sealed = parts.values.seal(placeOf(member), note).toString('base64url');
    await requests.call(commandMs, 'HSET', [this.#key, member, sealed]);
  }

  async notes(): Promise<ReadonlyMap<string, string | null>> {
    const { commandMs, parts, requests } = this.#store;
    const [rows, answer] = await Promise.all([
      this.#members(),
      requests.call(commandMs, 'HGETALL', [this.#key]),
    ]);
    if (rows === null) throw new Error('the table of members does not answer');
    const notes = new Map<string, string | null>(rows.map(({ worker }) => [worker, null]));
    const texts = textsOf(answer);
    const gone: string[] = [];
    for (let index = 0; index + 1 < texts.length; index += 2) {
      const [member = '', sealed = ''] = texts.slice(index, index + 2);
      if (!notes.has(member)) gone.push(member);
      else notes.set(member, parts.values.open(placeOf(member), Buffer.from(sealed, 'base64url')));
    }
    if (gone.length > 0) await requests.call(commandMs, 'HDEL', [this.#key, ...gone]);
    return notes;
  }

  get #key(): string {
    return this.#store.name('board');
  }
}

function placeOf(member: string): string {
  return `board ${member}`;
}
