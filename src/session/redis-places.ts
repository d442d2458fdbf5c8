import type { PlaceStore } from '../lib/place-store.ts';
import type { NameHash } from '../tokens/name-hash.ts';
import { numberOf, textOf, textsOf } from './redis-answers.ts';
import { redisBucketScripts, type RedisBucketScripts } from './redis-bucket-scripts.ts';
import type { RedisStore } from './redis-store.ts';

/** As many as one gateway remembers. */
const placesMax = 8;
/** Whoever has not been there for so long is a stranger again. */
const placeMs = 90 * 24 * 3_600_000;

/**
 * From where somebody has logged in before, for all gateways. Bounded by the accounts there are: only a right password
 * enters a place. Rejects where Redis does not answer.
 */
export class RedisPlaces implements PlaceStore {
  readonly #store: RedisStore;
  readonly #names: NameHash;
  readonly #scripts: RedisBucketScripts;

  constructor(store: RedisStore, names: NameHash) {
    this.#store = store;
    this.#names = names;
    this.#scripts = redisBucketScripts(store.parts.time);
  }

  async has(who: string, where: string): Promise<boolean> {
    const args = [this.#nameOf(who), this.#placeOf(who, where)];
    const [, isThere] = await this.#store.ask(this.#scripts.hasPlace, args);
    return numberOf(isThere) === 1;
  }

  async of(who: string): Promise<readonly string[]> {
    const [, rows] = await this.#store.ask(this.#scripts.placesOf, [this.#nameOf(who)]);
    const texts = textsOf(rows);
    const places: string[] = [];
    for (let index = 0; index + 1 < texts.length; index += 2) {
      const [, sealed = ''] = textOf(texts[index + 1]).split(' ');
      const bytes = Buffer.from(sealed, 'base64url');
      const where = this.#store.parts.values.open(`place ${texts[index] ?? ''}`, bytes);
      if (where !== null) places.push(where);
    }
    return places;
  }

  async add(who: string, where: string): Promise<void> {
    const place = this.#placeOf(who, where);
    const sealed = this.#store.parts.values.seal(`place ${place}`, where).toString('base64url');
    const args = [this.#nameOf(who), place, sealed, placesMax, placeMs];
    await this.#store.ask(this.#scripts.addPlace, args);
  }

  #nameOf(who: string): string {
    return this.#names.hash('who', who).toString('base64url');
  }

  #placeOf(who: string, where: string): string {
    return this.#names.hash('place', `${who}\n${where}`).toString('base64url');
  }
}
