import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { apiTier, tokenTier } from './tiers.ts';

/* `npm run demo:multinode`: five tiers on the loopback, one line of each for every request, and what to try. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const portOf = (name: string, usual: number): number => Number(process.env[name] ?? usual);
const ports = {
  balancer: portOf('MULTINODE_BALANCER', 8000),
  proxy1: portOf('MULTINODE_PROXY1', 8080),
  proxy2: portOf('MULTINODE_PROXY2', 8081),
  tokens: portOf('MULTINODE_TOKENS', 8090),
  api: portOf('MULTINODE_API', 8091),
};
const startMs = 30_000;
const stopMs = 5_000;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function bindable(port: number): Promise<number | null> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port; // it listens on TCP
  } catch {
    return null;
  } finally {
    server.close();
  }
}

/** Says which of the ports somebody has. */
async function takenPorts(): Promise<string[]> {
  const taken: string[] = [];
  for (const [name, port] of Object.entries(ports)) {
    if ((await bindable(port)) === null) taken.push(`port ${String(port)} (${name}) is in use`);
  }
  return taken;
}

/** Everything that was started, ended in the opposite order. */
class Started {
  readonly #stops: (() => Promise<unknown>)[] = [];
  #isEnding = false;

  add(stop: () => Promise<unknown>): void {
    this.#stops.push(stop);
  }

  /** A child whose lines are written behind its name; when it ends by itself, all do. */
  spawn(name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): void {
    // A group of its own: Ctrl-C reaches us alone, and we say who ends when.
    const child = spawn(command, args, { cwd: root, env, stdio: 'pipe', detached: true });
    if (name !== 'redis') relayLines(child, name);
    const gone = once(child, 'close').catch((error: unknown) => say(`${name}: ${String(error)}`));
    void gone.then(() => {
      if (!this.#isEnding) say(`${name} has ended`);
      return this.end();
    });
    this.add(async () => {
      child.kill('SIGTERM');
      const isGone = await Promise.race([gone.then(() => true), pause(stopMs, false)]);
      if (!isGone) child.kill('SIGKILL');
    });
  }

  async end(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const stop of this.#stops.toReversed()) await stop();
    process.exitCode = 0;
  }
}

function relayLines(child: ChildProcess, name: string): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) say(`${name.padEnd(8)} ${line}`);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      if (/"level":"(?:warn|error)"|problem/.test(line)) say(`${name.padEnd(8)} ${line}`);
    }
  });
}

async function answers(port: number): Promise<void> {
  for (const untilMs = performance.now() + startMs; performance.now() < untilMs; await pause(50)) {
    try {
      const response = await fetch(`http://127.0.0.1:${String(port)}/`, {
        headers: { 'remote-user': 'start', 'user-agent': 'demo' },
      });
      await response.arrayBuffer();
      if (response.status === 200) return;
    } catch {
      // not there yet
    }
  }
  throw new Error(`nothing answers at port ${String(port)}`);
}

async function start(started: Started): Promise<void> {
  const redis = await bindable(0);
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-demo-'));
  started.add(() => rm(folder, { recursive: true, force: true }));
  const redisArgs = [
    '--port',
    String(redis),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'yes',
    '--dir',
    folder,
  ];
  started.spawn('redis', 'redis-server', redisArgs, process.env);
  for (const [tier, port] of [
    [tokenTier((line) => say(`tokens   ${line}`)), ports.tokens],
    [apiTier((line) => say(`api      ${line}`)), ports.api],
  ] as const) {
    await tier.start(port);
    started.add(() => tier.stop());
  }
  const env = {
    ...process.env,
    ...{ MULTINODE_BALANCER: String(ports.balancer), MULTINODE_TOKENS: String(ports.tokens) },
    ...{ MULTINODE_PROXY1: String(ports.proxy1), MULTINODE_PROXY2: String(ports.proxy2) },
    ...{ MULTINODE_API: String(ports.api), MULTINODE_REDIS: String(redis) },
    PORTCULLIS_TOKEN_KEY: randomBytes(36).toString('base64'),
  };
  const gateway = (name: string, file: string, more: NodeJS.ProcessEnv = {}): void => {
    const args = ['src/main.ts', 'start', '--config', `config/multinode/${file}.yaml`];
    started.spawn(name, process.execPath, args, { ...env, ...more });
  };
  gateway('proxy1', 'proxy', { MULTINODE_PROXY: String(ports.proxy1) });
  gateway('proxy2', 'proxy', { MULTINODE_PROXY: String(ports.proxy2) });
  gateway('balancer', 'balancer');
  for (const port of [ports.proxy1, ports.proxy2, ports.balancer]) await answers(port);
}

function walkThrough(): string {
  const balancer = `http://127.0.0.1:${String(ports.balancer)}`;
  const [one, two] = [ports.proxy1, ports.proxy2].map((port) => `http://127.0.0.1:${String(port)}`);
  const tokens = '/api/9/http/keyvals/tokens';
  return `
Five tiers are up. Each writes a line for each request, below. Try, in another terminal:

  1. The first request is given a token by the token tier; the second finds it in the cache of either gateway.
       curl -H 'Remote-User: user1' ${balancer}/
       curl -H 'Remote-User: user1' ${balancer}/
  2. What the cache knows, on both gateways:
       curl ${one ?? ''}${tokens}
       curl ${two ?? ''}${tokens}
  3. Block that key on one gateway (take the key from 2). When the answer 204 is there, it is blocked on both:
       curl -X PATCH -d '{"user1:127.0.0.1:curl/8.5.0":"0"}' ${one ?? ''}${tokens}
       curl -i -H 'Remote-User: user1' ${two ?? ''}/
  4. Forget everything, everywhere; the next request asks for a token again:
       curl -X DELETE ${two ?? ''}${tokens}
       curl -H 'Remote-User: user1' ${balancer}/
  5. Who is in touch with whom:
       curl ${one ?? ''}/api/9/stream/zone_sync/

The key is made of what clients send: it shows the mechanism, and authenticates nobody.
Ctrl-C ends all of it.
`;
}

async function main(): Promise<void> {
  const taken = await takenPorts();
  if (taken.length > 0) {
    process.stderr.write(`${taken.join('\n')}\nnothing was started\n`);
    process.exitCode = 1;
    return;
  }
  const started = new Started();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => void started.end().then(() => say('all tiers have ended')));
  }
  try {
    await start(started);
    say(walkThrough());
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    await started.end();
    process.exitCode = 1;
  }
}

await main();
