import { formatAddress } from '../config/address.ts';
import type { ListenerConfig } from '../config/listener.ts';
import { listenFailure } from '../lifecycle/listen-failure.ts';
import { openListenHandle, type ListenHandle } from '../lifecycle/listen-handle.ts';

/** The sockets of all listeners, kept by the primary: a port stays ours from the first start to the end. */
export class ListenHandles {
  #byAddress = new Map<string, ListenHandle>();

  /**
   * The handles for these listeners, by name; what is bound already stays. Rejects with a sentence, and then nothing has
   * changed.
   */
  async open(listeners: readonly ListenerConfig[]): Promise<ReadonlyMap<string, ListenHandle>> {
    const handles = new Map<string, ListenHandle>();
    const opened = new Map<string, ListenHandle>();
    for (const listener of listeners) {
      const address = addressOf(listener);
      let handle = this.#byAddress.get(address);
      if (handle === undefined) {
        try {
          handle = await openListenHandle(listener);
        } catch (error) {
          for (const one of opened.values()) one.close();
          throw new Error(listenFailure(formatAddress(listener), error), { cause: error });
        }
        opened.set(address, handle);
      }
      handles.set(listener.name, handle);
    }
    for (const [address, handle] of opened) this.#byAddress.set(address, handle);
    return handles;
  }

  /** Closes all but those of these listeners. */
  keepOnly(listeners: readonly ListenerConfig[]): void {
    const kept = new Set(listeners.map(addressOf));
    for (const [address, handle] of this.#byAddress) {
      if (kept.has(address)) continue;
      this.#byAddress.delete(address);
      handle.close();
    }
  }
}

function addressOf(listener: ListenerConfig): string {
  const address = formatAddress(listener);
  // The system chooses another port for each.
  return listener.port === 0 ? `${address} ${listener.name}` : address;
}
