import type { ServerConfig } from '../../src/config/server.ts';
import type { UpstreamConfig } from '../../src/config/upstream.ts';
import { serverName } from '../../src/config/server.ts';
import { createPolicy } from '../../src/upstream/create-policy.ts';
import { UpstreamGroup } from '../../src/upstream/group.ts';
import { UpstreamServer, type ServerState } from '../../src/upstream/server.ts';
import { serverAt, upstreamConfig } from './upstream-config.ts';

export interface StateChange {
  readonly server: string;
  readonly state: ServerState;
  readonly reason: string;
}

/** A group without connections, and what was said of its servers. */
export function groupOf(
  servers: readonly Partial<ServerConfig>[],
  more: Partial<UpstreamConfig> = {},
  words: () => number = () => 0,
): { group: UpstreamGroup<null>; changes: StateChange[] } {
  const configs = servers.map((server, index) => serverAt(9001 + index, server));
  const config = upstreamConfig({ servers: configs, ...more });
  const group = new UpstreamGroup<null>(config, createPolicy(config.balance, words));
  const changes: StateChange[] = [];
  group.compose(
    configs.map((server, index) => {
      const name = serverName(server);
      return new UpstreamServer({
        config: server,
        address: { host: server.host, port: server.port, name },
        pool: null,
        bit: 1 << index,
        upstream: config,
        isAlone: configs.length === 1,
        changed: (state, reason) => changes.push({ server: name, state, reason }),
      });
    }),
  );
  return { group, changes };
}
