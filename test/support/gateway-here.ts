import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createListener } from '../../src/assembly/listener.ts';
import { createShared, type Shared } from '../../src/assembly/shared.ts';
import { loadConfig } from '../../src/config/load.ts';
import { Lifecycle } from '../../src/lifecycle/phase.ts';
import type { Service } from '../../src/lifecycle/service.ts';
import { silentLog, type LogFields } from '../../src/observability/log.ts';

/** The first listener of a configuration at work in this process, with its insides. */
export class GatewayHere implements AsyncDisposable {
  readonly shared: Shared;
  readonly port: number;
  readonly #service: Service;

  private constructor(shared: Shared, port: number, service: Service) {
    this.shared = shared;
    this.port = port;
    this.#service = service;
  }

  static async start(yaml: string): Promise<GatewayHere> {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-here-'));
    const path = join(folder, 'c.yaml');
    await writeFile(path, yaml);
    const config = loadConfig(path, {});
    await rm(folder, { recursive: true });
    let port = 0;
    const info = (event: string, fields: LogFields = {}): void => {
      if (event === 'listener.ready') port = Number(String(fields['address']).split(':').pop());
    };
    const shared = await createShared({
      config,
      log: { ...silentLog, info },
      logSink: { write: () => true, lostLines: 0 },
      lifecycle: new Lifecycle(() => {}),
      version: '0',
      descriptorLimit: null,
      seat: null,
    });
    const [listener] = config.listeners;
    if (listener === undefined) throw new Error('no listener');
    const { service } = await createListener(listener, shared);
    shared.sessions.start();
    await service.start?.();
    return new GatewayHere(shared, port, service);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#service.stop?.();
    for (const upstream of this.shared.upstreams.values()) upstream.stop();
    await this.shared.sessions.stop();
  }
}
