import { IpcHub, type HubPeer } from '../coherence/ipc-hub.ts';
import { ipcTopics, type IpcMessage } from '../coherence/ipc-message.ts';
import type { Config } from '../config/config.ts';
import { systemClock } from '../lib/clock.ts';
import type { Broadcast } from '../lifecycle/link-message.ts';
import type { Service } from '../lifecycle/service.ts';
import type { WorkerProcess } from '../lifecycle/worker-process.ts';
import type { Member } from '../session/commit.ts';
import type { SessionWrite } from '../session/session-writes.ts';
import { WriterThread } from '../session/writer-thread.ts';
import { writesTopic } from './link-writes.ts';

/** What workers that share a session file need of their primary: its one writer, and the bus between them. */
export class PrimaryBus {
  readonly service: Service;
  readonly #hub: IpcHub<HubPeer>;
  readonly #peers = new Map<WorkerProcess, HubPeer>();
  readonly #writes: WriterThread | null;

  constructor({ coherence, sessions }: Config) {
    this.#hub = new IpcHub(systemClock, coherence.stalenessMs);
    const writes = sessions.store.type === 'sqlite' ? new WriterThread(sessions.store.path) : null;
    this.#writes = writes;
    this.service = {
      name: 'session store',
      start: () => writes?.start(),
      stop: () => writes?.stop(),
    };
  }

  began(worker: WorkerProcess): void {
    const { link } = worker;
    const peer: HubPeer = { tell: (body) => link.send({ kind: 'broadcast', body }) };
    this.#peers.set(worker, peer);
    // What comes is from the other end of this package.
    link.answer(ipcTopics.join, (body) => this.#hub.join(peer, body as Member));
    link.answer(ipcTopics.leave, () => this.#hub.leave(peer));
    link.answer(ipcTopics.members, () => this.#hub.members());
    const writes = this.#writes;
    if (writes !== null) {
      link.answer(writesTopic, (body) => writes.perform(body as SessionWrite));
    }
  }

  broadcast(from: WorkerProcess, { body }: Broadcast): void {
    const peer = this.#peers.get(from);
    if (peer !== undefined) this.#hub.relay(peer, body as IpcMessage);
  }

  ended(worker: WorkerProcess): void {
    const peer = this.#peers.get(worker);
    if (peer === undefined) return;
    this.#peers.delete(worker);
    this.#hub.ended(peer);
  }
}
