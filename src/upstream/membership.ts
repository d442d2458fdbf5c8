import { isIP } from 'node:net';
import { formatAddress } from '../config/address.ts';
import { serverName, type ServerConfig } from '../config/server.ts';
import type { UpstreamConfig } from '../config/upstream.ts';
import { BITS, type UpstreamGroup } from './group.ts';
import type { NameLookup } from './name-lookup.ts';
import { NameWatch } from './name-watch.ts';
import type { ServerAddress, UpstreamServer } from './server.ts';

/** What makes servers, and hears who belongs to the group. */
export interface MembershipOwner<Pool> {
  create(parts: {
    readonly config: ServerConfig;
    readonly address: ServerAddress;
    readonly bit: number;
    readonly isAlone: boolean;
  }): UpstreamServer<Pool>;
  joined(server: UpstreamServer<Pool>): void;
  /** It is asked no more; what is under way there goes on. */
  left(server: UpstreamServer<Pool>): void;
  /** The addresses of a name have changed. */
  resolved(name: string, addresses: readonly string[]): void;
  unresolved(name: string, error: unknown): void;
  resolvedAgain(name: string): void;
}

interface Seat<Pool> {
  readonly config: ServerConfig;
  readonly servers: readonly UpstreamServer<Pool>[];
}

/** Who belongs to a group: the addresses in the configuration, and those that its names stand for at the moment. */
export class Membership<Pool> {
  readonly #config: UpstreamConfig;
  readonly #group: UpstreamGroup<Pool>;
  readonly #owner: MembershipOwner<Pool>;
  readonly #watches: readonly NameWatch[];
  /** In the order of the configuration. */
  #seats: readonly Seat<Pool>[];

  constructor(
    config: UpstreamConfig,
    group: UpstreamGroup<Pool>,
    lookup: NameLookup,
    owner: MembershipOwner<Pool>,
  ) {
    this.#config = config;
    this.#group = group;
    this.#owner = owner;
    this.#seats = config.servers.map((server) => ({ config: server, servers: [] }));
    for (const server of config.servers) this.#seat(server, initialAddresses(server, config));
    this.#watches = config.servers.filter(isNamed).map((server) => this.#watch(server, lookup));
  }

  /** Resolves when every name has been asked for once. */
  async start(): Promise<void> {
    await Promise.all(this.#watches.map((watch) => watch.start()));
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  #watch(server: ServerConfig, lookup: NameLookup): NameWatch {
    const { host } = server;
    return new NameWatch(host, this.#config.names, lookup, {
      resolved: (addresses) => {
        this.#owner.resolved(host, addresses);
        this.#seat(
          server,
          addresses.map((address) => resolvedAddress(server, address)),
        );
      },
      unresolved: (error) => this.#owner.unresolved(host, error),
      resolvedAgain: () => this.#owner.resolvedAgain(host),
    });
  }

  /** Those of a configured server from now on; whoever stays keeps all that is known of it. */
  #seat(config: ServerConfig, addresses: readonly ServerAddress[]): void {
    const before = this.#seats.find((seat) => seat.config === config)?.servers ?? [];
    const isStaying = (server: UpstreamServer<Pool>): boolean =>
      addresses.some(({ host }) => host === server.address.host);
    const gone = before.filter((server) => !isStaying(server));
    const servers = before.filter(isStaying);
    const fresh: UpstreamServer<Pool>[] = [];
    for (const address of addresses) {
      if (before.some((server) => server.address.host === address.host)) continue;
      const taken = [...this.#group.servers, ...fresh];
      const isAlone = this.#config.servers.length === 1 && !isNamed(config);
      fresh.push(this.#owner.create({ config, address, bit: freeBit(taken), isAlone }));
    }
    this.#seats = this.#seats.map((seat) =>
      seat.config === config ? { config, servers: [...servers, ...fresh] } : seat,
    );
    this.#group.compose(this.#seats.flatMap((seat) => seat.servers));
    for (const server of fresh) this.#owner.joined(server);
    for (const server of gone) this.#owner.left(server);
  }
}

/** Whether its host is a name that is looked up here; `localhost` is left to the system. */
function isNamed({ host, socketPath }: ServerConfig): boolean {
  return socketPath === null && isIP(host) === 0 && host !== 'localhost';
}

/** A name that the system knows may be used before it was looked up; one for name servers of our own may not. */
function initialAddresses(server: ServerConfig, { names }: UpstreamConfig): ServerAddress[] {
  if (isNamed(server) && names.servers.length > 0) return [];
  return [{ host: server.host, port: server.port, name: serverName(server) }];
}

function resolvedAddress({ port }: ServerConfig, host: string): ServerAddress {
  return { host, port, name: formatAddress({ host, port }) };
}

function freeBit(servers: readonly { readonly bit: number }[]): number {
  for (let place = 0; place < BITS; place++) {
    const bit = 1 << place;
    if (servers.every((server) => server.bit !== bit)) return bit;
  }
  return 1 << (servers.length % BITS);
}
