import { createRedisStore } from '../assembly/redis-store.ts';
import { ConfigProblems } from '../config/config-problems.ts';
import { ConfigUnreadable } from '../config/config-unreadable.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { readText } from '../config/read.ts';
import { cookieNameFor } from '../http/set-cookie.ts';
import { systemClock } from '../lib/clock.ts';
import { FileLineSink } from '../observability/line-sink.ts';
import { createLog } from '../observability/log.ts';
import { KeyRing } from '../tokens/key-ring.ts';
import { SessionTokens } from '../tokens/session-token.ts';
import { configPathFrom } from './arguments.ts';
import type { Command, CommandOutput } from './command.ts';
import { NodeProbe } from './node-probe.ts';
import { readProofArguments } from './proof-arguments.ts';
import type { ProofOrder } from './proof-arguments.ts';
import { proofFigures, proofText } from './proof-report.ts';
import { ProofFailure, RevocationProof } from './revocation-proof.ts';

const STANDARD_ERROR = 2;
/** Longer than any run: what a killed one leaves behind ends by itself. */
const sessionMsMax = 3_600_000;

export const proveRevocation: Command = {
  name: 'prove-revocation',
  summary: 'Measure on your own nodes how soon an ended session is refused everywhere',
  help: `Usage: portcullis prove-revocation --nodes URL,URL... [options]

Opens sessions of a made-up user in the store (with the keys of the
configuration; nobody can log in as that user), uses each on every node, ends
it, and measures until the last node refuses it. A session that is accepted
after every worker has acknowledged its end is a stale accept: there must be
none. What was opened is ended, also when this is interrupted.

Options:
  --nodes URLS        all nodes: http://10.0.0.5:81,http://10.0.0.6:81
  --sessions N        how many, one after the other (default 100)
  --connections N     to each node, to reach all of its workers (default 8)
  --path PATH         where a session is needed and a GET does nothing (default:
                      the first route to the endpoint \`session\`)
  --ca FILE           what signed the nodes' certificates, where https needs it
  --format FORMAT     text (the default) or json
  --config FILE       the nodes' configuration (default: $PORTCULLIS_CONFIG,
                      else the shipped one); its store must be redis
  --help              show this text

Exit codes: 0 proven, 1 stale accepts or too late, or it could not be tried,
2 wrong use or a configuration with problems, 130 interrupted.
`,
  run: async (args, io) => {
    const order = readProofArguments(args);
    if ('kind' in order) {
      io.err(`portcullis prove-revocation ${order.sentence}\n`);
      return 2;
    }
    try {
      return await prove(order, loadConfig(configPathFrom(order.values)), io);
    } catch (error) {
      if (error instanceof ConfigProblems) {
        io.err(error.format());
        return 2;
      }
      if (!(error instanceof ConfigUnreadable) && !(error instanceof ProofFailure)) throw error;
      io.err(`portcullis prove-revocation: ${error.message}\n`);
      return 1;
    }
  },
};

async function prove(order: ProofOrder, config: Config, io: CommandOutput): Promise<number> {
  const { sessions, stalenessMs } = { ...config, ...config.coherence };
  if (sessions.store.type !== 'redis') {
    throw new ProofFailure('the store of this configuration is not redis: there is one machine');
  }
  const sink = new FileLineSink(STANDARD_ERROR);
  const log = createLog({ ...config.log, level: 'error' }, sink, systemClock);
  const short = {
    ...sessions,
    absoluteTimeoutMs: Math.min(sessions.absoluteTimeoutMs, sessionMsMax),
  };
  const service = createRedisStore(sessions.store, { config: { ...config, sessions: short }, log });
  const { follower } = service;
  if (follower === null) throw new ProofFailure('nobody follows this store');
  const proof = new RevocationProof({
    service,
    follower,
    tokens: new SessionTokens(new KeyRing(config.tokens)),
    // Whether a node is reached over TLS by its users is not to be seen from here; it looks at one of them.
    cookieNames: new Set([true, false].map((isSecure) => cookieNameFor(config.cookie, isSecure))),
    probes: createProbes(order, order.path ?? sessionPathOf(config)),
    stalenessMs,
    clock: systemClock,
  });
  let isInterrupted = false;
  const interrupt = (): void => {
    isInterrupted = true;
    proof.interrupt();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    await proof.start();
    const rounds = await proof.run(order.sessions);
    const nodes = order.nodes.map(String);
    const report = { nodes, connections: order.connections, stalenessMs, rounds };
    const figures = proofFigures(report);
    io.out(order.format === 'json' ? `${JSON.stringify(figures)}\n` : proofText(report));
    if (isInterrupted) return 130;
    return figures.verdict === 'proven' ? 0 : 1;
  } finally {
    try {
      await proof.stop();
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      await sink.stop();
    }
  }
}

function createProbes(order: ProofOrder, path: string): NodeProbe[] {
  let ca: string | null = null;
  if (order.caFile !== null) {
    const file = readText(order.caFile);
    if (file.kind === 'unreadable') throw new ProofFailure(`${order.caFile} ${file.reason}`);
    ca = file.text;
  }
  return order.nodes.flatMap((node) =>
    Array.from(
      { length: order.connections },
      () => new NodeProbe({ url: new URL(path, node), ca, clock: systemClock }),
    ),
  );
}

/** The endpoint that says who somebody is: it does nothing, and asks no upstream. */
function sessionPathOf({ listeners }: Config): string {
  const routes = listeners.flatMap((listener) => listener.routes);
  const route = routes.find(
    ({ target }) => target.kind === 'endpoint' && target.endpoint === 'session',
  );
  if (route === undefined) throw new ProofFailure('no route leads to `session`: use --path');
  return route.path.value;
}
