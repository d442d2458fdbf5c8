import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { serverName, type ServerConfig } from '../config/server.ts';
import type { UpstreamConfig } from '../config/upstream.ts';
import { UpstreamTls } from '../wire/upstream-tls.ts';
import { untilConnected } from './until-connected.ts';
import type { Check, Finding } from './check.ts';

/** Whether every server takes connections, and proves its name where it has to. */
export const upstreamsCheck: Check = {
  name: 'upstreams',
  examine: async ({ config, spoofing }) => {
    const { upstreams } = config;
    if (upstreams.length === 0) return { kind: 'nothing', reason: 'nothing is forwarded' };
    const asked = upstreams.flatMap((upstream) =>
      upstream.servers
        // There we shall listen ourselves, and nobody does yet.
        .filter(({ host, port }) => host !== spoofing?.probe?.host || port !== spoofing.probe.port)
        .map((server) => ({ upstream, server })),
    );
    const found = await Promise.all(
      asked.map(({ server, upstream }) => findingOf(upstream, server)),
    );
    const names = asked.map(({ server }) => serverName(server)).join(', ');
    return { kind: 'looked', seen: names, findings: found.filter((one) => one !== null) };
  },
};

async function findingOf(upstream: UpstreamConfig, server: ServerConfig): Promise<Finding | null> {
  const subject = `upstream ${upstream.name}, ${serverName(server)}`;
  try {
    const { connectTimeoutMs } = upstream;
    const event = server.isSecure ? 'secureConnect' : 'connect';
    await untilConnected(open(upstream, server), event, connectTimeoutMs);
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : null;
    if (/CERT|ISSUER|SIGNATURE|VERIFY|ALTNAME/.test(String(code))) {
      const fault = `does not prove who it is (${text})`;
      const remedy = 'set tls.caFile to its authority and tls.serverName to its name';
      return { subject, fault, remedy };
    }
    const fault = `takes no connection (${text}): its requests are answered 502`;
    return { subject, fault, remedy: 'start it, or correct the address' };
  }
}

function open({ tls }: UpstreamConfig, server: ServerConfig): Socket {
  const { host, isSecure, port, socketPath } = server;
  if (socketPath !== null) return connectTcp({ path: socketPath });
  if (!isSecure) return connectTcp({ host, port });
  return connectTls({ ...new UpstreamTls(tls).optionsFor(host), host, port });
}
