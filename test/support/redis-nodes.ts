import { Gateway, type LaunchOptions } from './gateway.ts';
import { planned, type GatewayYaml, type Plan } from './gateway-yaml.ts';
import type { Login } from './login.ts';
import { ask, type RawResponse } from './raw-client.ts';
import { ok, RecordingUpstream } from './recording-upstream.ts';
import type { RedisServer } from './redis-server.ts';
import { request } from './request.ts';

export interface NodesPlan {
  readonly count?: number;
  readonly coherence?: Record<string, string>;
  readonly store?: Record<string, unknown>;
  readonly plan?: Partial<Plan>;
  readonly options?: LaunchOptions;
}

/** Gateways on one Redis, each a process of its own as on a machine of its own, before one upstream. */
export class RedisNodes implements AsyncDisposable {
  readonly gateways: readonly Gateway[];
  readonly upstream: RecordingUpstream;
  readonly #stack: AsyncDisposableStack;

  private constructor(
    gateways: readonly Gateway[],
    upstream: RecordingUpstream,
    stack: AsyncDisposableStack,
  ) {
    this.gateways = gateways;
    this.upstream = upstream;
    this.#stack = stack;
  }

  static async start(
    server: Pick<RedisServer, 'address'>,
    nodes: NodesPlan = {},
  ): Promise<RedisNodes> {
    await using stack = new AsyncDisposableStack();
    const upstream = stack.use(await RecordingUpstream.start({ answer: ok() }));
    const yaml = nodeYaml(server, upstream.port, nodes);
    const gateways: Gateway[] = [];
    for (let index = 0; index < (nodes.count ?? 2); index += 1) {
      gateways.push(stack.use(await Gateway.start(yaml, nodes.options)));
    }
    return new RedisNodes(gateways, upstream, stack.move());
  }

  node(index: number): Gateway {
    const gateway = this.gateways[index];
    if (gateway === undefined) throw new Error(`no node ${String(index)}`);
    return gateway;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** What a node of this plan is configured with. */
export function nodeYaml(
  server: Pick<RedisServer, 'address'>,
  upstreamPort: number,
  { coherence, plan, store }: NodesPlan = {},
): GatewayYaml {
  const { routes = [], sections, ...rest } = plan ?? {};
  return planned({
    upstreamPorts: [upstreamPort],
    routes: [
      { exactPath: '/logout_user', endpoint: 'logoutUser' },
      { exactPath: '/escalate', endpoint: 'escalate' },
      ...routes,
    ],
    ...rest,
    sections: {
      tokens: { keys: [{ id: 'k1', secret: 'nodes of one cluster have one secret' }] },
      sessions: { store: { type: 'redis', servers: [server.address], ...store } },
      coherence: coherence ?? { staleness: '1s', pollInterval: '200ms', settle: '200ms' },
      ...sections,
    },
  });
}

const cookieOf = ({ cookie }: Login): string => `Cookie: ${cookie}`;

/** One request with this session. */
export function get(port: number, login: Login, path = '/x'): Promise<RawResponse> {
  return ask(port, request('GET', path, [cookieOf(login)]));
}

export async function statusOf(port: number, login: Login): Promise<number> {
  return (await get(port, login)).status;
}

export async function logOut(port: number, login: Login): Promise<RawResponse> {
  return await ask(port, request('POST', '/auth/logout', [cookieOf(login), 'Content-Length: 0']));
}

export async function logOutUser(
  port: number,
  staff: Login,
  username: string,
  accept = 'application/json',
): Promise<RawResponse> {
  const body = JSON.stringify({ username });
  const fields = [cookieOf(staff), `Accept: ${accept}`, `Content-Length: ${String(body.length)}`];
  return await ask(port, request('POST', '/logout_user', fields, body));
}

/** What `/readyz` says. */
export async function readiness(
  gateway: Gateway,
): Promise<{ readonly status: number; readonly coherence: string }> {
  const { body, status } = await ask(
    gateway.admin,
    request('GET', '/readyz', ['Connection: close']),
  );
  const said = /"coherence":\s*"(\w+)"/.exec(body.toString('utf8'))?.[1] ?? '';
  return { status, coherence: said };
}

/** A 503 that leaves the client's cookie alone and says when to come back. */
export function isOutage(response: RawResponse): boolean {
  return (
    response.status === 503 &&
    response.value('retry-after') !== undefined &&
    response.value('set-cookie') === undefined
  );
}
