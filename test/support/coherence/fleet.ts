import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../differential/random.ts';
import { Gateway, projectRoot, type LaunchOptions } from '../gateway.ts';
import { demoUsers, planned, type GatewayYaml } from '../gateway-yaml.ts';
import { patientMs } from '../patience.ts';
import { RedisServer } from '../redis-server.ts';
import { waitFor } from '../wait-for.ts';
import { checkHistory, type CheckResult } from './check-history.ts';
import { FaultyRelay, type RelayedConnection } from './faulty-relay.ts';
import {
  machineMs,
  readHistory,
  type HistoryEvent,
  type Outage,
  type Rollback,
} from './history.ts';
import { Traffic, people, peoplesPassword } from './traffic.ts';

export interface FleetOptions {
  readonly seed?: number;
  readonly nodes?: number;
  /** `coherence.staleness`, for each node in turn. */
  readonly boundsMs?: readonly number[];
  readonly lives?: number;
  readonly redisArgs?: readonly string[];
  readonly launch?: LaunchOptions;
  readonly sections?: Partial<Omit<GatewayYaml, 'listeners'>>;
}

const users = people.map((username) => ({ username, password: peoplesPassword, role: 'patient' }));
const keys = [{ id: 'k1', secret: 'a-secret-of-these-tests-0123456789abcdef' }];
const recorderPath = 'test/support/coherence/recorder-main.ts';
/** An answer of Redis that takes longer is an outage of a sort. */
const slowMs = 100;
const canaryPaceMs = 25;

/** One node: a gateway, and its way to the store. */
export class FleetNode implements AsyncDisposable {
  readonly relay: FaultyRelay;
  readonly #yaml: GatewayYaml;
  readonly #options: LaunchOptions;
  #gateway: Gateway;

  private constructor(
    relay: FaultyRelay,
    yaml: GatewayYaml,
    options: LaunchOptions,
    gateway: Gateway,
  ) {
    this.relay = relay;
    this.#yaml = yaml;
    this.#options = options;
    this.#gateway = gateway;
  }

  static async start(
    relay: FaultyRelay,
    yaml: GatewayYaml,
    options: LaunchOptions,
  ): Promise<FleetNode> {
    return new FleetNode(relay, yaml, options, await Gateway.start(yaml, options));
  }

  get gateway(): Gateway {
    return this.#gateway;
  }

  /** `kill -9`, and another process in its place, which remembers nothing. */
  async replace(): Promise<void> {
    this.#gateway.process.signal('SIGKILL');
    await this.#gateway.stop();
    this.#gateway = await Gateway.start(this.#yaml, this.#options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // One that stands still would not hear that it is to end.
    this.#gateway.process.signal('SIGCONT');
    await this.#gateway.stop();
  }
}

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
  readonly #events: (Outage | Rollback)[] = [];
  readonly #canary: Promise<void>;
  #isOver = false;

  private constructor(
    stack: AsyncDisposableStack,
    history: string,
    primary: { server: RedisServer },
    nodes: readonly FleetNode[],
    options: FleetOptions,
  ) {
    this.#stack = stack;
    this.#history = history;
    this.primary = primary;
    this.nodes = nodes;
    this.random = seededRandom(options.seed ?? 1);
    this.boundMs = Math.max(...boundsOf(options));
    this.#canary = this.#watch();
    this.traffic = new Traffic({
      ports: () => this.nodes.map(({ gateway }) => gateway.edge),
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
    const { redisArgs } = options;
    const redis = stack.use(
      await RedisServer.start(redisArgs === undefined ? {} : { args: redisArgs }),
    );
    const primary = { server: redis };
    const upstreamPort = await startUpstream(stack);
    const random = seededRandom(options.seed ?? 1);
    const bounds = boundsOf(options);
    const nodes: FleetNode[] = [];
    // One after the other: a busy machine that starts all at once starts none in time.
    while (nodes.length < (options.nodes ?? 2)) {
      const relay = stack.use(await FaultyRelay.start(() => primary.server.port, random));
      const boundMs = bounds[nodes.length % bounds.length] ?? 1_000;
      const yaml = yamlOf(upstreamPort, relay.port, boundMs, options);
      nodes.push(stack.use(await FleetNode.start(relay, yaml, launchOptions(history, options))));
    }
    return new Fleet(stack.move(), history, primary, nodes, options);
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
    const list = String(await this.primary.server.command('CLIENT', 'LIST', 'TYPE', 'PUBSUB'));
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

async function startUpstream(stack: AsyncDisposableStack): Promise<number> {
  const server = createServer((_, response) => response.end('ok'));
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function boundsOf({ boundsMs }: FleetOptions): readonly number[] {
  return boundsMs ?? [1_000];
}

function yamlOf(
  upstreamPort: number,
  storePort: number,
  boundMs: number,
  { sections }: FleetOptions,
): GatewayYaml {
  return planned({
    upstreamPorts: [upstreamPort],
    routes: [{ exactPath: '/auth/logout_user', endpoint: 'logoutUser' }],
    sections: {
      accessLog: { enabled: false },
      log: { level: 'warn' },
      directories: {
        demo: { type: 'static', insecurePlainText: true, users: [...demoUsers, ...users] },
      },
      ...sections,
      tokens: { keys },
      sessions: {
        store: { type: 'redis', servers: [`127.0.0.1:${String(storePort)}`] },
        sessionsPerUserMax: 100_000,
        ...sections?.sessions,
      },
      coherence: { staleness: `${String(boundMs)}ms`, settle: '500ms' },
    },
  });
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
