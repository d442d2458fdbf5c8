import { randomBytes } from 'node:crypto';
import type { Contender } from '../comparison/contender.ts';
import { StoreCalls } from '../comparison/store-calls.ts';
import { type CorePlan, planCores } from '../processes/core-plan.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { RedisProcess } from '../processes/redis-process.ts';
import { startUpstream } from '../processes/upstream-process.ts';

export interface StoresOptions {
  readonly directory: string;
  readonly sessions: number;
  readonly signal: AbortSignal;
}

/** Two gateways before one upstream: one has its sessions in its own memory, the other in Redis, under a lease. */
export class StoresStage implements AsyncDisposable {
  readonly cores: CorePlan;
  readonly load: LoadProcess;
  readonly redis: RedisProcess;
  readonly contenders: readonly Contender[];
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<StoresStage, 'cores' | 'load' | 'redis' | 'contenders'>,
    resources: AsyncDisposableStack,
  ) {
    this.cores = parts.cores;
    this.load = parts.load;
    this.redis = parts.redis;
    this.contenders = parts.contenders;
    this.#resources = resources;
  }

  static async set({ directory, sessions, signal }: StoresOptions): Promise<StoresStage> {
    await using resources = new AsyncDisposableStack();
    const cores = planCores();
    const [port = 0] = await freePorts(1);
    resources.use(await startUpstream({ port, core: cores.upstream, directory }));
    const load = resources.use(new LoadProcess({ core: cores.load, directory }));
    const redis = resources.use(
      await RedisProcess.start({ directory, core: cores.upstream, signal }),
    );
    // Longer than the run, so that nothing is touched: a hit must not ask the store.
    const times = { idleTimeout: '12h', absoluteTimeout: '24h', sweepInterval: '1h' };
    const stageGateway = async (
      id: string,
      title: string,
      sections: Readonly<Record<string, unknown>>,
    ): Promise<Contender> => {
      const core = cores.contender;
      const settings = { upstreamServers: [`127.0.0.1:${port}`], sections };
      const process = await GatewayProcess.start({ name: id, directory, core, signal, settings });
      resources.use(process);
      const opened = await process.logIn(sessions, signal);
      return {
        ...{ id, title, isSecure: false, protocol: 'http1', expectedStatus: 200 },
        port: process.edgePort,
        path: '/api/hello',
        cookies: opened.map(({ cookie }) => cookie),
        pids: [process.pid],
        storeCalls: new StoreCalls(process.adminPort),
      };
    };
    const contenders = [
      await stageGateway('memory-store', 'sessions in memory', {}),
      await stageGateway('redis-store', 'sessions in Redis, under a lease', {
        sessions: { ...times, store: { type: 'redis', servers: [redis.address] } },
        tokens: { keys: [{ id: 'bench', secret: randomBytes(48).toString('base64') }] },
        // The dearer of the two settings.
        coherence: { staleness: '1s' },
      }),
    ];
    return new StoresStage({ cores, load, redis, contenders }, resources.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
