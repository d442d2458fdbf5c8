import type { Member } from '../session/commit.ts';
import type { PrimaryPipe } from './ipc-bus.ts';
import { ipcTopics, type IpcMessage } from './ipc-message.ts';

const JOIN_MS = 10_000;
const LEAVE_MS = 1_000;

/**
 * Where the store keeps the table of members, workers of one primary look after each other all the same: the primary
 * knows at once that a process has ended, and tells those that are left.
 */
export class CrewWatch {
  readonly #self: Member;
  readonly #pipe: PrimaryPipe;

  constructor(self: Member, pipe: PrimaryPipe, onLeft: (worker: string) => void) {
    this.#self = self;
    this.#pipe = pipe;
    pipe.onBroadcast = (body) => {
      const message = body as IpcMessage; // from another end of this package
      if (message.kind === 'left') onLeft(message.worker);
    };
  }

  /** Before the first poll. A primary that does not answer costs speed only: silent members are struck by their bound. */
  async start(): Promise<void> {
    await this.#pipe.ask(ipcTopics.join, this.#self, JOIN_MS);
  }

  async stop(): Promise<void> {
    await this.#pipe.ask(ipcTopics.leave, this.#self, LEAVE_MS);
  }
}
