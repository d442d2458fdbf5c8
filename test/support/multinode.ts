import type { Tier } from '../../demo/multinode/tier.ts';
import { apiTier, tokenTier } from '../../demo/multinode/tiers.ts';
import { FaultyRelay } from './coherence/faulty-relay.ts';
import { freePorts } from './free-ports.ts';
import { Process } from './gateway.ts';
import { RawClient, type RawResponse } from './raw-client.ts';
import { RedisServer } from './redis-server.ts';
import { waitFor } from './wait-for.ts';

export const tokensPath = '/api/9/http/keyvals/tokens';

export interface AskOptions {
  readonly method?: string;
  readonly path?: string;
  readonly user?: string | null;
  readonly agent?: string | null;
  readonly lines?: readonly string[];
  readonly body?: string;
  readonly host?: string;
  /** Where the client comes from. */
  readonly from?: string;
}

/** One request on a connection of its own. */
export async function askAt(port: number, options: AskOptions = {}): Promise<RawResponse> {
  const { agent = 'curl/8', body = '', host = '127.0.0.1', user = null } = options;
  const { lines: more = [], method = 'GET', path = '/' } = options;
  const fields = [
    ...(user === null ? [] : [`Remote-User: ${user}`]),
    ...(agent === null ? [] : [`User-Agent: ${agent}`]),
    ...(body === '' ? [] : [`Content-Length: ${String(Buffer.byteLength(body))}`]),
    ...more,
    'Connection: close',
  ];
  const from = options.from === undefined ? {} : { localAddress: options.from };
  await using client = await RawClient.connect(port, from);
  const lines = fields.map((line) => `${line}\r\n`).join('');
  const head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines}\r\n`;
  return await client.write(head + body).response(method);
}

/** What a gateway's API says of the zone. */
export async function entriesAt(port: number): Promise<Record<string, string>> {
  const { body, status } = await askAt(port, { path: tokensPath });
  if (status !== 200) throw new Error(`status ${String(status)}`);
  return JSON.parse(body.toString('utf8')) as Record<string, string>; // the API's own
}

/** A gateway of the demonstration, from its shipped configuration. */
export class Node implements AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly #file: string;
  readonly #env: Readonly<Record<string, string>>;
  process: Process;
  /** What it logged in lives that are over. */
  #before = '';

  constructor(name: string, file: string, port: number, env: Readonly<Record<string, string>>) {
    this.name = name;
    this.port = port;
    this.#file = file;
    this.#env = env;
    this.process = this.#spawn();
  }

  get lines(): string[] {
    return (this.#before + this.process.stdout).split('\n').filter((line) => line !== '');
  }

  async isUp(): Promise<void> {
    const path = this.name === 'balancer' ? '/' : `${tokensPath}/`;
    await waitFor(
      `${this.name} to be up`,
      async () => {
        if (this.process.hasExited) throw new Error(`${this.name}: ${this.process.stderr}`);
        try {
          return (await askAt(this.port, { path, user: 'start' })).status === 200;
        } catch {
          return false;
        }
      },
      30_000,
    );
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  async start(): Promise<void> {
    this.#before += this.process.stdout;
    this.process = this.#spawn();
    await this.isUp();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #spawn(): Process {
    const args = ['start', '--config', `config/multinode/${this.#file}.yaml`];
    return new Process(args, { env: this.#env });
  }
}

/** The five tiers, and the Redis of the two gateways; the second one is connected to it through a relay. */
export class Multinode implements AsyncDisposable {
  readonly redis: RedisServer;
  readonly relay: FaultyRelay;
  readonly tokens: Tier;
  readonly api: Tier;
  readonly balancer: Node;
  readonly proxy1: Node;
  readonly proxy2: Node;
  readonly tokenLines: string[] = [];
  readonly apiLines: string[] = [];
  readonly ports: readonly number[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    redis: RedisServer,
    relay: FaultyRelay,
    ports: readonly number[],
    stack: AsyncDisposableStack,
  ) {
    this.redis = redis;
    this.relay = relay;
    this.ports = ports;
    this.#stack = stack;
    const [balancer = 0, proxy1 = 0, proxy2 = 0, tokens = 0, api = 0] = ports;
    this.#env = {
      ...{ MULTINODE_BALANCER: String(balancer), MULTINODE_PROXY1: String(proxy1) },
      ...{ MULTINODE_PROXY2: String(proxy2), MULTINODE_TOKENS: String(tokens) },
      ...{ MULTINODE_API: String(api), MULTINODE_REDIS: String(redis.port) },
      // A machine that is busy with other tests is no fault.
      MULTINODE_STALENESS: '4s',
      PORTCULLIS_TOKEN_KEY: 'a key of the tests with more than 32 characters',
    };
    this.tokens = stack.use(tokenTier((line) => this.tokenLines.push(line)));
    this.api = stack.use(apiTier((line) => this.apiLines.push(line)));
    this.proxy1 = stack.use(this.node('proxy1', proxy1));
    this.proxy2 = stack.use(this.node('proxy2', proxy2, { MULTINODE_REDIS: String(relay.port) }));
    this.balancer = stack.use(new Node('balancer', 'balancer', balancer, this.#env));
  }

  static async start(): Promise<Multinode> {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await RedisServer.start());
    const relay = stack.use(await FaultyRelay.start(() => redis.port));
    const multinode = new Multinode(redis, relay, await freePorts(6), stack.move());
    const [, , , tokens = 0, api = 0] = multinode.ports;
    await multinode.tokens.start(tokens);
    await multinode.api.start(api);
    await Promise.all([multinode.proxy1.isUp(), multinode.proxy2.isUp()]);
    await multinode.balancer.isUp();
    return multinode;
  }

  /** One more gateway on the same Redis. */
  node(name: string, port: number, env: Readonly<Record<string, string>> = {}): Node {
    return new Node(name, 'proxy', port, {
      ...this.#env,
      MULTINODE_PROXY: String(port),
      ...env,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
