import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../bench/processes/free-ports.ts';
import { makeCertificates } from './gateway/certificates.ts';
import { FuzzedGateway } from './gateway/fuzzed-gateway.ts';
import type { Ports } from './gateway/settings.ts';
import { ScriptedUpstream, startMute } from './upstream/scripted-upstream.ts';
import type { Ledger } from './upstream/upstream-link.ts';

/** The gateway with everything around it that a run needs. */
export class FuzzedHouse {
  readonly gateway: FuzzedGateway;
  readonly upstreams: readonly ScriptedUpstream[];
  readonly #stack: AsyncDisposableStack;

  private constructor(
    gateway: FuzzedGateway,
    upstreams: readonly ScriptedUpstream[],
    stack: AsyncDisposableStack,
  ) {
    this.gateway = gateway;
    this.upstreams = upstreams;
    this.#stack = stack;
  }

  /** `root`: the folder with the gateway's `src/`. */
  static async start(root: string, ledger: Ledger, signal: AbortSignal): Promise<FuzzedHouse> {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'portcullis-fuzz-'));
    stack.defer(() => rmSync(folder, { recursive: true, force: true }));
    const certificates = makeCertificates(folder);
    const free = await freePorts(8);
    const [
      clear = 0,
      strict = 0,
      secure = 0,
      admin = 0,
      app = 0,
      sealed = 0,
      nobody = 0,
      mute = 0,
    ] = free;
    const ports: Ports = { clear, strict, secure, admin, app, sealed, nobody, mute };
    const upstreams = [
      stack.use(await ScriptedUpstream.start(app, ledger, null)),
      stack.use(await ScriptedUpstream.start(sealed, ledger, certificates.upstream)),
    ];
    stack.use(await startMute(mute));
    const gateway = stack.use(
      await FuzzedGateway.start({ root, folder, ports, certificates, signal }),
    );
    return new FuzzedHouse(gateway, upstreams, stack.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
