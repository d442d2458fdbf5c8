import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { Gateway, type LaunchOptions } from '../gateway.ts';
import type { GatewayYaml } from '../gateway-yaml.ts';
import { waitFor } from '../wait-for.ts';
import type { FaultyRelay } from './faulty-relay.ts';
import { orderPath, orderSignal, type ProcessOrder } from './process-orders.ts';

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

  /** The processes that serve: the gateway itself, or the workers of a primary. */
  get serving(): readonly number[] {
    const { pid } = this.#gateway;
    const path = `/proc/${String(pid)}/task/${String(pid)}/children`;
    const children = readFileSync(path, 'utf8')
      .split(' ')
      .filter((text) => text !== '');
    return children.length === 0 ? [pid] : children.map(Number);
  }

  /** Resolves when one of the processes that serve, the first unless said, has done it. */
  async order(order: ProcessOrder, pid = this.serving[0] ?? 0): Promise<void> {
    const path = orderPath(this.#options.env?.['PORTCULLIS_TEST_HISTORY'] ?? '', pid);
    await writeFile(path, JSON.stringify(order));
    process.kill(pid, orderSignal);
    await waitFor('an order to be carried out', () => !existsSync(path), 20_000);
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
