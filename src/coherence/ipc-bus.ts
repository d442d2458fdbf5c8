import type { Member } from '../session/commit.ts';
import type { LogEntry } from '../session/log-entry.ts';
import type { Acknowledgement, Bus, BusListener } from './bus.ts';
import { ipcTopics, type IpcMembers, type IpcMessage } from './ipc-message.ts';

/** The way to the primary. What is asked is null where it does not answer. */
export interface PrimaryPipe {
  broadcast(body: IpcMessage): void;
  ask(topic: string, body: unknown, timeoutMs: number): Promise<unknown>;
  /** Hears what other workers broadcast. */
  onBroadcast: (body: unknown) => void;
}

const JOIN_MS = 10_000;
const ASK_MS = 1_000;

/** Messages between the workers of one machine. Nobody else holds the pipes, so none needs a signature. */
export class IpcBus implements Bus {
  readonly #self: Member;
  readonly #pipe: PrimaryPipe;
  #listener: BusListener | null = null;

  constructor(self: Member, pipe: PrimaryPipe) {
    this.#self = self;
    this.#pipe = pipe;
    pipe.onBroadcast = (body) => this.#received(body as IpcMessage); // from another end of this package
  }

  listen(listener: BusListener): void {
    this.#listener = listener;
  }

  /** Before the first poll: whoever revokes from then on waits for this worker. */
  async start(): Promise<void> {
    const answer = await this.#pipe.ask(ipcTopics.join, this.#self, JOIN_MS);
    if (answer !== true) throw new Error('the primary does not answer');
  }

  /** The lease is over already. */
  async stop(): Promise<void> {
    await this.#pipe.ask(ipcTopics.leave, this.#self, ASK_MS);
  }

  publish(entries: readonly LogEntry[]): void {
    if (entries.length > 0) this.#pipe.broadcast({ kind: 'entered', entries });
  }

  acknowledge(revoker: string, by: Acknowledgement): void {
    this.#pipe.broadcast({ kind: 'acknowledged', revoker, by });
  }

  async members(): Promise<readonly Member[] | null> {
    const answer = await this.#pipe.ask(ipcTopics.members, null, ASK_MS);
    return answer as IpcMembers; // from the other end of this package
  }

  /** A pipe loses nothing. */
  renew(): void {}

  #received(message: IpcMessage): void {
    switch (message.kind) {
      case 'entered':
        for (const entry of message.entries) this.#listener?.entered(entry);
        break;
      case 'acknowledged':
        this.#listener?.acknowledged(message.by);
        break;
      case 'left':
        this.#listener?.left(message.worker);
    }
  }
}
