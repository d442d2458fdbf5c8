import type { Redis } from 'ioredis';
import type { Member } from '../session/commit.ts';
import type { LogPosition } from '../session/log-entry.ts';
import { openEntry } from '../session/redis-entry.ts';
import { RedisLink } from '../session/redis-link.ts';
import type { RedisStore } from '../session/redis-store.ts';
import type { Acknowledgement, Bus, BusListener } from './bus.ts';

const positionPattern = /^(\d{1,15}):([0-9a-f]{16})$/;

/**
 * Messages by sharded publish and subscribe: they stay with the primary of the store's slot, and the script that ends
 * sessions publishes by itself. Acknowledgements go to a channel of the worker that waits for them.
 */
export class RedisBus implements Bus {
  readonly #store: RedisStore;
  readonly #link: RedisLink;
  readonly #channel: string;
  readonly #ownChannel: string;
  #listener: BusListener | null = null;
  /** Messages that no gateway had signed, dropped. */
  forged = 0;

  constructor(store: RedisStore) {
    this.#store = store;
    this.#channel = store.name('bus');
    this.#ownChannel = store.name(`ack:${store.parts.worker}`);
    this.#link = new RedisLink({
      connect: store.parts.connect,
      onUp: (client) => this.#subscribe(client),
      onDown: (error) => store.trouble(error),
    });
    store.keepTogether(this.#link);
  }

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  start(): Promise<void> {
    this.#link.start();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#link.stop();
    return Promise.resolve();
  }

  /** The script has done it. */
  publish(): void {}

  acknowledge(revoker: string, { entries, worker }: Acknowledgement): void {
    const { commandMs, parts, requests } = this.#store;
    const positions = entries.map(({ number, tag }) => `${String(number)}:${tag}`).join(' ');
    const said = `${worker}\n${positions}`;
    const message = `${said}\n${parts.messages.sign(`acknowledged ${revoker}\n${said}`)}`;
    const channel = this.#store.name(`ack:${revoker}`);
    // One that is lost costs the revoker a wait, and nobody more.
    requests
      .call(commandMs, 'SPUBLISH', [channel, message])
      .catch((error: unknown) => this.#store.report(error));
  }

  /** The store has a table of them. */
  members(): Promise<readonly Member[] | null> {
    return Promise.resolve(null);
  }

  renew(): void {
    this.#link.drop(new Error('the subscription missed an entry'));
  }

  async #subscribe(client: Redis): Promise<void> {
    client.on('smessage', (channel: string, message: string) => {
      if (channel === this.#channel) this.#entered(message);
      else if (channel === this.#ownChannel) this.#acknowledged(message);
    });
    await client.ssubscribe(this.#channel, this.#ownChannel);
  }

  #entered(message: string): void {
    const [number, ...parts] = message.split('\n');
    const entry = openEntry(this.#store.parts.messages, Number(number), parts);
    if (entry === null) this.forged += 1;
    else this.#listener?.entered(entry);
  }

  #acknowledged(message: string): void {
    const { messages, worker: own } = this.#store.parts;
    const [worker = '', positions = '', signature = ''] = message.split('\n');
    if (!messages.isSigned(`acknowledged ${own}\n${worker}\n${positions}`, signature)) {
      this.forged += 1;
      return;
    }
    const entries: LogPosition[] = positions.split(' ').flatMap((text) => {
      const [, number, tag] = positionPattern.exec(text) ?? [];
      return number === undefined || tag === undefined ? [] : [{ number: Number(number), tag }];
    });
    this.#listener?.acknowledged({ worker, entries });
  }
}
