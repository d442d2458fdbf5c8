import { randomBytes } from 'node:crypto';
import type { Contender } from '../comparison/contender.ts';
import { type CorePlan, planCores } from '../processes/core-plan.ts';
import { freePorts } from '../processes/free-ports.ts';
import { GatewayProcess } from '../processes/gateway-process.ts';
import { LoadProcess } from '../processes/load-process.ts';
import { startRedis } from '../processes/redis-process.ts';
import { startUpstream } from '../processes/upstream-process.ts';

const servers = 8;
const idleTimeouts = { idleTimeout: '12h', absoluteTimeout: '24h', sweepInterval: '1h' };

export interface BalancingOptions {
  readonly directory: string;
  readonly sessions: number;
  readonly balance: string;
  readonly signal: AbortSignal;
}

/**
 * Two gateways in front of the same upstream processes: one knows a bare server, the other all there is to know. Both
 * have their sessions in one Redis, as nodes that share rate limits have; only the second one has limits.
 */
export class BalancingStage {
  readonly cores: CorePlan;
  readonly load: LoadProcess;
  readonly contenders: readonly Contender[];
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: Pick<BalancingStage, 'cores' | 'load' | 'contenders'>,
    resources: AsyncDisposableStack,
  ) {
    this.cores = parts.cores;
    this.load = parts.load;
    this.contenders = parts.contenders;
    this.#resources = resources;
  }

  static async set(options: BalancingOptions): Promise<BalancingStage> {
    await using resources = new AsyncDisposableStack();
    const { balance, directory, sessions, signal } = options;
    const cores = planCores();
    const [redisPort = 0, ...ports] = await freePorts(1 + servers);
    // One process for all, or the eight would be slower for reasons that are none of the gateway's.
    const [port = 0, ...morePorts] = ports;
    resources.use(await startUpstream({ port, morePorts, core: cores.upstream, directory }));
    const place = { core: cores.upstream, directory, signal };
    resources.use(await startRedis({ port: redisPort, ...place }));
    const load = resources.use(new LoadProcess({ core: cores.load, directory }));
    const stageGateway = async (
      id: 'one-server' | 'whole-group',
      title: string,
      settings: Parameters<typeof GatewayProcess.start>[0]['settings'],
    ): Promise<Contender> => {
      const core = cores.contender;
      const store = { type: 'redis', servers: [`127.0.0.1:${redisPort}`], keyPrefix: id };
      const sections = {
        tokens: { keys: [{ id: 'k1', secret: randomBytes(32).toString('base64') }] },
        sessions: { ...idleTimeouts, store },
      };
      const whole = { ...settings, sections };
      const process = await GatewayProcess.start({
        ...{ name: id, directory, core, signal },
        settings: whole,
      });
      resources.use(process);
      const opened = await process.logIn(sessions, signal);
      const protocol = 'http1';
      const part = { isSecure: false, protocol, expectedStatus: 200, storeCalls: null } as const;
      const cookies = opened.map(({ cookie }) => cookie);
      const edge = process.edgePort;
      return { ...part, id, title, port: edge, path: '/api/hello', cookies, pids: [process.pid] };
    };
    const addresses = ports.map((one) => `127.0.0.1:${one}`);
    const contenders = [
      await stageGateway('one-server', 'one bare server', {
        upstreamServers: addresses.slice(0, 1),
      }),
      await stageGateway('whole-group', 'eight, checks, breaker, shared limit', {
        upstreamServers: addresses,
        upstream: { balance, health: { path: '/', interval: '1s', timeout: '1s' }, breaker: {} },
        // One key for each session: hundreds of them in every question to Redis.
        rateLimits: { each: { by: 'session', requests: 1_000_000 } },
        edgeRoutes: [{ path: '/api/', upstream: 'application', rateLimits: ['each'] }],
      }),
    ];
    return new BalancingStage({ cores, load, contenders }, resources.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}
