import { randomBytes } from 'node:crypto';
import { StoreCalls } from '../comparison/store-calls.ts';
import { benchCiphers } from '../processes/bench-certificate.ts';
import { type BenchSession, GatewayProcess } from '../processes/gateway-process.ts';
import { processTree } from '../processes/process-tree.ts';
import { RedisProcess } from '../processes/redis-process.ts';
import type { Stand } from './stand.ts';

/** Longer than the run, so that neither a touch nor a sweep calls the store while its calls are counted. */
const times = { idleTimeout: '12h', absoluteTimeout: '24h', sweepInterval: '1h' };

/** A gateway with the sessions that were opened in it. */
export interface GatewaySeat {
  readonly process: GatewayProcess;
  readonly pids: readonly number[];
  readonly sessions: readonly BenchSession[];
  /** The cookie of one more session, which was logged out. */
  readonly endedCookie: string;
  readonly storeCalls: StoreCalls;
  readonly configuration: string;
}

export interface GatewaySeatOptions {
  readonly name: string;
  readonly isInRedis: boolean;
  readonly hasAccessLog: boolean;
  /** Clients come to its edge, as the scenario has it; else it only answers /validate. */
  readonly isEdge: boolean;
}

/** Sections of the file that differ from the defaults, without addresses and people: what the report shows. */
function sectionsOf(
  { hasAccessLog }: GatewaySeatOptions,
  { isCold = false, workers }: Stand['scenario'],
  store: Readonly<Record<string, unknown>> | null,
) {
  return {
    ...(hasAccessLog && { accessLog: { enabled: true } }),
    ...(workers > 1 && { workers }),
    sessions: { ...times, ...(store && { store }), ...(isCold && { cacheEntriesMax: 1 }) },
    ...(store?.['type'] === 'redis' && { coherence: { staleness: '1s' } }),
  };
}

async function storeFor(
  options: GatewaySeatOptions,
  stand: Stand,
  resources: AsyncDisposableStack,
): Promise<Readonly<Record<string, unknown>> | null> {
  const { isCold = false, workers } = stand.scenario;
  if (options.isInRedis || isCold) {
    const { directory, signal } = stand;
    const redis = await RedisProcess.start({
      ...{ directory, signal, name: `${options.name}-redis` },
      // Beside the upstream: what Redis works is not the gateway's work.
      core: stand.otherCore,
    });
    resources.use(redis);
    return { type: 'redis', servers: [redis.address] };
  }
  // Sessions in memory are known to one process.
  return workers > 1 ? { type: 'sqlite', path: `${options.name}.db` } : null;
}

export async function seatGateway(
  options: GatewaySeatOptions,
  stand: Stand,
  resources: AsyncDisposableStack,
): Promise<GatewaySeat> {
  const { certificate, core, directory, scenario, sessionCount, signal } = stand;
  const tls = options.isEdge &&
    certificate && { certificates: [certificate], ciphers: benchCiphers };
  const store = await storeFor(options, stand, resources);
  const sections = sectionsOf(options, scenario, store);
  const tokens = { keys: [{ id: 'bench', secret: randomBytes(48).toString('base64') }] };
  const settings = {
    upstreamServers: [`127.0.0.1:${stand.upstreamPort}`],
    // Logins come in the clear, at the control listener.
    edge: { ...(tls && { tls }), limits: { connectionsPerAddressMax: 0 } },
    ...(tls && { cookie: { name: 'portcullis' } }),
    sections: { ...sections, ...(store && { tokens }) },
  };
  const process = resources.use(
    await GatewayProcess.start({ name: options.name, directory, core, signal, settings }),
  );
  const [ended, ...sessions] = await process.logIn(sessionCount + 1, signal);
  if (ended === undefined) throw new Error('no session was opened');
  await process.logOut(ended.cookie);
  return {
    process,
    pids: processTree(process.pid),
    sessions,
    endedCookie: ended.cookie,
    storeCalls: new StoreCalls(process.adminPort),
    configuration: JSON.stringify(
      {
        accessLog: { enabled: false },
        ...sections,
        ...(tls && { tls: { ciphers: benchCiphers } }),
      },
      null,
      2,
    ),
  };
}
