import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchCiphers } from '../processes/bench-certificate.ts';
import { Child } from '../processes/child.ts';
import { onCore } from '../processes/core-plan.ts';
import { freePorts } from '../processes/free-ports.ts';
import { processTree } from '../processes/process-tree.ts';
import { renderTemplate } from '../processes/render-template.ts';
import { untilAnswering } from '../processes/until-answering.ts';
import type { ContenderKind, StartedContender } from './contender-kind.ts';
import { seatGateway } from './gateway-seat.ts';
import { mintedCookieName } from './minted-sessions.ts';
import type { Stand } from './stand.ts';

const templates = import.meta.dirname;

function missingUnless(command: string, version: string, remedy: string): () => string | null {
  let isThere: boolean | undefined;
  return () => {
    isThere ??= spawnSync(command, [version]).status === 0;
    return isThere ? null : remedy;
  };
}

interface Command {
  readonly name: string;
  readonly words: readonly string[];
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
}

async function startChild(
  { environment, name, port, words }: Command,
  { certificate, core, directory, signal }: Stand,
  resources: AsyncDisposableStack,
): Promise<Child> {
  const [command = '', ...rest] = onCore(core, words);
  const child = resources.use(
    new Child({
      ...{ name, command, arguments: rest, logPath: join(directory, `${name}.log`) },
      ...(environment !== undefined && { environment }),
    }),
  );
  await untilAnswering(child, { port, isSecure: certificate !== null }, signal);
  return child;
}

async function startHaproxy(
  stand: Stand,
  resources: AsyncDisposableStack,
): Promise<StartedContender> {
  const { certificate, directory, minted, scenario } = stand;
  const [port = 0] = await freePorts(1);
  const folder = join(directory, 'haproxy');
  mkdirSync(folder, { recursive: true });
  const lines = minted.live.map(({ identity, token }) => `${token} ${identity}\n`);
  writeFileSync(join(folder, 'sessions.map'), lines.join(''), { mode: 0o600 });
  let security = '';
  if (certificate !== null) {
    // It wants both in one file.
    const both = [certificate.certFile, certificate.keyFile].map((file) => readFileSync(file));
    const pem = join(folder, 'bench.pem');
    writeFileSync(pem, Buffer.concat(both), { mode: 0o600 });
    const [newer, older] = [true, false].map((isNewer) =>
      benchCiphers.filter((name) => name.startsWith('TLS_') === isNewer).join(':'),
    );
    const alpn = scenario.protocol === 'http2' ? 'h2' : 'http/1.1';
    security = ` ssl crt ${pem} alpn ${alpn} ciphers ${older} ciphersuites ${newer}`;
  }
  const configuration = renderTemplate(join(templates, 'haproxy-map.cfg.template'), {
    THREADS: String(scenario.workers),
    EDGE_ADDRESS: `127.0.0.1:${port}${security}`,
    UPSTREAM_ADDRESS: `127.0.0.1:${stand.upstreamPort}`,
    RUN_DIRECTORY: folder,
    COOKIE_NAME: mintedCookieName,
  });
  const path = join(folder, 'haproxy.cfg');
  writeFileSync(path, configuration);
  const words = ['haproxy', '-db', '-f', path];
  const child = await startChild({ name: 'haproxy', words, port }, stand, resources);
  return {
    ...{ port, pids: processTree(child.pid), configuration, storeCalls: null },
    ...{ sessions: minted.live, endedCookie: minted.ended.cookie },
  };
}

async function startCaddy(
  stand: Stand,
  resources: AsyncDisposableStack,
): Promise<StartedContender> {
  const { certificate, directory } = stand;
  const options = { name: 'caddy-validate', isInRedis: false, hasAccessLog: false, isEdge: false };
  const seat = await seatGateway(options, stand, resources);
  const { endedCookie, sessions, storeCalls } = seat;
  const [port = 0] = await freePorts(1);
  const configuration = renderTemplate(join(templates, 'forward-auth.Caddyfile.template'), {
    SCHEME: certificate === null ? 'http' : 'https',
    EDGE_PORT: String(port),
    TLS: certificate === null ? '' : `tls ${certificate.certFile} ${certificate.keyFile}`,
    CONTROL_ADDRESS: `127.0.0.1:${seat.process.controlPort}`,
    UPSTREAM_ADDRESS: `127.0.0.1:${stand.upstreamPort}`,
    COOKIE_NAME: endedCookie.split('=')[0] ?? '',
  });
  const path = join(directory, 'Caddyfile');
  writeFileSync(path, configuration);
  const words = ['caddy', 'run', '--config', path, '--adapter', 'caddyfile'];
  const environment = { HOME: directory, XDG_DATA_HOME: directory, XDG_CONFIG_HOME: directory };
  const child = await startChild({ name: 'caddy', words, port, environment }, stand, resources);
  return {
    ...{ port, sessions, endedCookie, storeCalls, configuration },
    pids: [...processTree(child.pid), ...seat.pids],
  };
}

/** A program of ours in this folder, beside which somebody else's package does the forwarding. */
function nodeKind(
  id: string,
  program: string,
  words: Pick<ContenderKind, 'title' | 'note' | 'duty'>,
  npmPackage: string | null,
): ContenderKind {
  const isInstalled = (name: string): boolean => {
    try {
      return import.meta.resolve(name) !== '';
    } catch {
      return false;
    }
  };
  return {
    ...{ id, ...words, refusedStatus: 401 },
    missing: () =>
      npmPackage === null || isInstalled(npmPackage) ? null : `npm install ${npmPackage}`,
    start: async (stand, resources) => {
      const { directory, minted, upstreamPort } = stand;
      const [port = 0] = await freePorts(1);
      const main = join(templates, program);
      const settings = {
        ...{ port, upstreamPort, cookieName: mintedCookieName, tokenSecret: minted.secret },
        sessions: minted.live.map((each) => [each.id, each.identity, minted.endsAtMs]),
      };
      const path = join(directory, `${id}.json`);
      writeFileSync(path, JSON.stringify(settings), { mode: 0o600 });
      const command = { name: id, words: [process.execPath, main, path], port };
      const environment = { NODE_ENV: 'production' };
      const child = await startChild({ ...command, environment }, stand, resources);
      return {
        ...{ port, pids: processTree(child.pid), configuration: readFileSync(main, 'utf8') },
        ...{ sessions: minted.live, endedCookie: minted.ended.cookie, storeCalls: null },
      };
    },
  };
}

const check = 'the session check alone: no limits, no logins, no endings from elsewhere';

export const otherKinds: readonly ContenderKind[] = [
  {
    id: 'haproxy-map',
    title: 'HAProxy, sessions from a map',
    note: 'knows no logins; sessions end by its runtime socket',
    duty: 'authenticates',
    refusedStatus: 401,
    missing: missingUnless('haproxy', '-v', 'apt-get install haproxy'),
    start: startHaproxy,
  },
  {
    id: 'caddy-forward-auth',
    title: 'Caddy, forward_auth to /validate',
    note: 'both processes, Caddy and the Portcullis that it asks',
    duty: 'authenticates',
    refusedStatus: 401,
    missing: missingUnless('caddy', 'version', 'apt-get install caddy'),
    start: startCaddy,
  },
  nodeKind(
    'node-undici',
    'node-undici-main.ts',
    { title: 'node:http and undici', note: check, duty: 'authenticates' },
    'undici',
  ),
  nodeKind(
    'node-undici-dispatch',
    'node-undici-dispatch-main.ts',
    {
      title: 'node:http and undici’s dispatch',
      note: `the interface that undici keeps for authors of libraries; ${check}`,
      duty: 'authenticates',
    },
    'undici',
  ),
  nodeKind(
    'http-proxy-3',
    'http-proxy-main.ts',
    { title: 'http-proxy-3', note: check, duty: 'authenticates' },
    'http-proxy-3',
  ),
  nodeKind(
    'fastify-http-proxy',
    'fastify-proxy-main.ts',
    { title: '@fastify/http-proxy', note: check, duty: 'authenticates' },
    '@fastify/http-proxy',
  ),
  nodeKind(
    'relay',
    'relay-main.ts',
    {
      title: 'a blind relay of octets',
      note: 'reads nothing and checks nothing: the floor of node:net',
      duty: 'relays',
    },
    null,
  ),
];
