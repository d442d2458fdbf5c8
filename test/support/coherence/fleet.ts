import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../differential/random.ts';
import { projectRoot, type LaunchOptions } from '../gateway.ts';
import type { GatewayYaml } from '../gateway-yaml.ts';
import { patientMs } from '../patience.ts';
import { RedisServer } from '../redis-server.ts';
import { waitFor, waitForValue } from '../wait-for.ts';
import { checkHistory, type CheckResult } from './check-history.ts';
import { FaultyRelay, type RelayedConnection } from './faulty-relay.ts';
import { FleetNode } from './fleet-node.ts';
import { startUpstream } from './fleet-upstream.ts';
import { fleetYaml } from './fleet-yaml.ts';
import { machineMs, readHistory, type HistoryEvent } from './history.ts';
import { Traffic } from './traffic.ts';

export interface FleetOptions {
  readonly seed?: number;
  readonly nodes?: number;
  /** `coherence.staleness`, for each node in turn. */
  readonly boundsMs?: readonly number[];
  readonly lives?: number;
  readonly redisArgs?: readonly string[];
  /** What is done to Redis before the nodes start. */
  readonly prepare?: (redis: RedisServer) => Promise<void>;
  /** Of `sessions.store`, beside the servers; `sqlite`: a file in place of Redis, for one node. */
  readonly store?: Readonly<Record<string, unknown>>;
  readonly launch?: LaunchOptions;
  readonly sections?: Partial<Omit<GatewayYaml, 'listeners'>>;
}

const recorderPath = 'test/support/coherence/recorder-main.ts';
/** An answer of Redis that takes longer is an outage of a sort. */
const slowMs = 100;
const canaryPaceMs = 25;

/** Some gateways on one Redis, each through a relay of its own, with people who use them. */
export class Fleet implements AsyncDisposable {
  readonly nodes: readonly FleetNode[];
  readonly traffic: Traffic;
  readonly random: () => number;
  readonly boundMs: number;
  /** Which Redis the relays lead to: another one after a fail-over. */
  readonly primary: { server: RedisServer };
  readonly #stack: AsyncDisposableStack;
  readonly #history: string;
  readonly #events: HistoryEvent[] = [];
  /** Nodes that are led elsewhere. */
  readonly #ledTo: Map<number, RedisServer>;
  readonly #canary: Promise<void>;
  #isOver = false;

  private constructor(stack: AsyncDisposableStack, parts: FleetParts, options: FleetOptions) {
    this.#stack = stack;
    this.#history = parts.history;
    this.primary = parts.primary;
    this.nodes = parts.nodes;
    this.#ledTo = parts.ledTo;
    this.random = seededRandom(options.seed ?? 1);
    this.boundMs = Math.max(...boundsOf(options));
    this.#canary = isOnFile(options) ? Promise.resolve() : this.#watch();
    this.traffic = new Traffic({
      // A port as often as there are workers behind it.
      ports: () => this.nodes.flatMap(({ gateway }) => workersOf(options).fill(gateway.edge)),
      random: this.random,
      lives: options.lives ?? 12,
      wanderMs: 2 * this.boundMs,
      paceMs: 10,
    });
  }

  static async start(options: FleetOptions = {}): Promise<Fleet> {
    await using stack = new AsyncDisposableStack();
    const history = await mkdtemp(join(tmpdir(), 'portcullis-history-'));
    stack.defer(() => rm(history, { recursive: true, force: true }));
    const redis = stack.use(await startRedis(options));
    const primary = { server: redis };
    const ledTo = new Map<number, RedisServer>();
    const upstreamPort = await startUpstream(stack);
    const random = seededRandom(options.seed ?? 1);
    const bounds = boundsOf(options);
    const nodes: FleetNode[] = [];
    // One after the other: a busy machine that starts all at once starts none in time.
    while (nodes.length < (options.nodes ?? 2)) {
      const index = nodes.length;
      const target = (): number => (ledTo.get(index) ?? primary.server).port;
      const relay = stack.use(await FaultyRelay.start(target, random));
      const yaml = fleetYaml({
        upstreamPort,
        store: isOnFile(options)
          ? { path: filePathIn(history), ...options.store }
          : { type: 'redis', servers: [`127.0.0.1:${String(relay.port)}`], ...options.store },
        boundMs: bounds[index % bounds.length] ?? 1_000,
        sections: options.sections ?? {},
      });
      nodes.push(stack.use(await FleetNode.start(relay, yaml, launchOptions(history, options))));
    }
    return new Fleet(stack.move(), { history, primary, ledTo, nodes }, options);
  }

  /** Where the sessions are if not in Redis. */
  get filePath(): string {
    return filePathIn(this.#history);
  }

  /** From now on new connections of a node lead to this server, whoever the primary is; null: to the primary. */
  lead(index: number, server: RedisServer | null): void {
    if (server === null) this.#ledTo.delete(index);
    else this.#ledTo.set(index, server);
  }

  /** What somebody beside the nodes has done. */
  note(event: HistoryEvent): void {
    this.#events.push(event);
  }

  /** To be ended with the fleet. */
  own(resource: AsyncDisposable): void {
    this.#stack.use(resource);
  }

  node(index: number): FleetNode {
    const node = this.nodes[index];
    if (node === undefined) throw new Error(`no node ${String(index)}`);
    return node;
  }

  /** Which connections of a node Redis sends messages to. */
  async subscriptions(node: FleetNode): Promise<(connection: RelayedConnection) => boolean> {
    // Something else may have happened to it at the same time.
    const list = await waitForValue(
      'a list of clients',
      () =>
        this.primary.server.command('CLIENT', 'LIST', 'TYPE', 'PUBSUB').then(String, () => null),
      20_000,
    );
    const ports = new Set(
      [...list.matchAll(/ addr=[^ ]*:(\d+) /g)].map(([, port]) => Number(port)),
    );
    const own = new Set(node.relay.connections.filter(({ port }) => ports.has(port ?? 0)));
    return (connection) => own.has(connection);
  }

  /** Something is done to the store, or to the way to it; until it is undone, and for a while after, 503 is right. */
  async outage(what: string, done: () => Promise<void>): Promise<void> {
    const from = machineMs();
    try {
      await done();
    } finally {
      this.#events.push({ kind: 'outage', what, from, to: machineMs() });
    }
  }

  /** What the store was told since then it has forgotten. */
  rolledBack(from: number): void {
    this.#events.push({ kind: 'rollback', from, to: machineMs() });
  }

  /** So long, and then until every node answers again. */
  async settle(ms = 0): Promise<void> {
    await pause(ms);
    await Promise.all(this.nodes.map((node) => isReady(node)));
  }

  /** Until so many sessions more have ended, wherever. */
  async loggedOut(more: number): Promise<void> {
    const goal = this.traffic.counts.logouts + more;
    await waitFor('logouts', () => this.traffic.counts.logouts >= goal, patientMs(30_000));
  }

  /** Stops the traffic, lets everything come to its end, and looks at all that happened. */
  async check(): Promise<CheckResult> {
    await this.traffic.stop();
    this.#isOver = true;
    await this.#canary;
    return this.look();
  }

  /** At all that has happened so far. */
  look(): CheckResult {
    return checkHistory(this.events(), {
      boundMs: this.boundMs,
      healMs: 2_000,
      sessionMs: 10 * 60_000,
    });
  }

  events(): HistoryEvent[] {
    return [...readHistory(this.#history), ...this.#events];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const { relay } of this.nodes) relay.heal();
    this.primary.server.signal('SIGCONT');
    await this.traffic.stop();
    await this.#stack.disposeAsync();
  }

  /** A machine that is busy with something else stalls Redis like any other fault. */
  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const from = machineMs();
      const wasThere = await this.primary.server.command('PING').then(
        () => true,
        () => false,
      );
      const to = machineMs();
      if (!wasThere || to - from > slowMs) {
        this.#events.push({ kind: 'outage', what: 'slow', from, to });
      }
      await pause(canaryPaceMs);
    }
  }
}

/** The same run for the same seed, as far as machines allow. */
function seededRandom(seed: number): () => number {
  const numbers = new Random(seed);
  return () => numbers.below(1e9) / 1e9;
}

interface FleetParts {
  readonly history: string;
  readonly primary: { server: RedisServer };
  readonly ledTo: Map<number, RedisServer>;
  readonly nodes: readonly FleetNode[];
}

function workersOf({ sections }: FleetOptions): number[] {
  const workers = sections?.workers ?? 1;
  return Array.from({ length: workers === 'auto' ? 1 : workers });
}

function filePathIn(folder: string): string {
  return join(folder, 'sessions.db');
}

function isOnFile({ store }: FleetOptions): boolean {
  return store?.['type'] === 'sqlite';
}

async function startRedis(options: FleetOptions): Promise<RedisServer> {
  const args = options.redisArgs === undefined ? {} : { args: options.redisArgs };
  // A port where nobody is.
  if (isOnFile(options)) return await RedisServer.reserve(args);
  const redis = await RedisServer.start(args);
  await options.prepare?.(redis);
  return redis;
}

function boundsOf({ boundsMs }: FleetOptions): readonly number[] {
  return boundsMs ?? [1_000];
}

function launchOptions(history: string, { launch }: FleetOptions): LaunchOptions {
  const root = launch?.root ?? projectRoot;
  const env = {
    ...launch?.env,
    PORTCULLIS_TEST_HISTORY: history,
    NODE_OPTIONS: `--import=${pathToFileURL(join(root, recorderPath)).href}`,
  };
  return { ...launch, env };
}

async function isReady(node: FleetNode): Promise<void> {
  await waitFor(
    'a node to be ready',
    async () => {
      try {
        const answer = await fetch(`http://127.0.0.1:${String(node.gateway.admin)}/readyz`);
        return answer.status === 200;
      } catch {
        return false;
      }
    },
    20_000,
  );
}
