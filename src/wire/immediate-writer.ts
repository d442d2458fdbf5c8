import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';

/** What the kernel itself is behind. TLS has a descriptor as well: what is written to that would go out in the clear. */
const KERNEL_HANDLES = new Set<unknown>(['TCP', 'Pipe']);

/** Not through `Reflect`, which looks a property up anew each time: this is asked once for each long answer. */
interface WithHandle {
  readonly _handle?: unknown;
}

interface KernelHandle {
  /** Below 0 once it is closed. */
  readonly fd: number;
}

/**
 * Has the kernel take octets in the very call. A socket's own `write` may keep what it is given until the kernel has room,
 * so that octets which are only lent would have to be copied for it.
 *
 * The handle of a socket is no public interface: where it is not what it used to be, nothing is taken.
 */
export class ImmediateWriter {
  readonly #socket: Socket & WithHandle;
  /** As it was found last; another one has to be looked at. */
  #handle: unknown = null;
  #kernel: KernelHandle | null = null;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Returns how many octets of `bytes[start, end)` were taken. None, or not all: the kernel has no room, or something waits
   * in the socket that must not be overtaken, or the connection is broken. The socket's `write` says which.
   */
  write(bytes: Buffer, start: number, end: number): number {
    if (!this.#socket.writable || this.#socket.writableLength > 0) return 0;
    const handle = this.#socket._handle;
    if (handle !== this.#handle) {
      this.#handle = handle;
      this.#kernel = isKernelHandle(handle) ? handle : null;
    }
    const descriptor = this.#kernel?.fd ?? -1;
    if (descriptor < 0) return 0;
    try {
      return writeSync(descriptor, bytes, start, end - start);
    } catch {
      return 0;
    }
  }
}

function isKernelHandle(handle: unknown): handle is KernelHandle {
  if (typeof handle !== 'object' || handle === null) return false;
  return (
    KERNEL_HANDLES.has(handle.constructor.name) && typeof Reflect.get(handle, 'fd') === 'number'
  );
}
