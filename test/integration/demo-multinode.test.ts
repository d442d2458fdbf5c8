import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { freePorts } from '../support/free-ports.ts';
import { projectRoot } from '../support/gateway.ts';
import { askAt, tokensPath } from '../support/multinode.ts';
import { patientMs } from '../support/patience.ts';
import { waitFor, within } from '../support/wait-for.ts';

const names = ['BALANCER', 'PROXY1', 'PROXY2', 'TOKENS', 'API'] as const;

function run(ports: readonly number[]) {
  const env = Object.fromEntries(
    names.map((name, index) => [`MULTINODE_${name}`, String(ports[index])]),
  );
  const child = spawn(process.execPath, ['demo/multinode/run.ts'], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(() => child.exitCode);
  const said = { out: '', error: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.error += text));
  return { child, ended, said };
}

async function isTaken(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
    return false;
  } catch {
    return true;
  } finally {
    server.close();
  }
}

describe('the demonstration of five tiers', { timeout: patientMs(60_000) }, () => {
  it('says what to try, shows a line of each tier, and Ctrl-C ends all that it started', async () => {
    const ports = await freePorts(5);
    const { child, ended, said } = run(ports);
    try {
      await waitFor('the walk-through', () => said.out.includes('Ctrl-C ends all of it'), 40_000);
      for (const step of [
        'curl -H',
        tokensPath,
        'PATCH',
        'DELETE',
        'zone_sync',
        'authenticates nobody',
      ]) {
        expect(said.out).toContain(step);
      }
      expect((await askAt(ports[0] ?? 0, { user: 'user1', path: '/hello' })).status).toBe(200);
      for (const tier of ['balancer', 'proxy[12]', 'api']) {
        const line = new RegExp(`^${tier} .*"GET /hello HTTP/1\\.1" 200 22 .* [0-9a-f]{32}`, 'm');
        await waitFor(`a line of ${tier}`, () => line.test(said.out));
      }
      expect(said.out).toMatch(/^tokens .* userinfo=user1:127\.0\.0\.1:/m);
      expect(said.error).toBe('');
    } finally {
      child.kill('SIGINT');
      expect(await within('the end', ended, 20_000)).toBe(0);
    }
    expect(said.out).toContain('all tiers have ended');
    expect(await Promise.all(ports.map(isTaken))).toEqual(ports.map(() => false));
  });

  it('names a port that somebody has before it starts anything', async () => {
    const ports = await freePorts(5);
    const [, , , port = 0] = ports;
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    const { ended, said } = run(ports);
    expect(await within('the end', ended, 20_000)).toBe(1);
    server.close();
    expect(said.error).toBe(`port ${String(port)} (tokens) is in use\nnothing was started\n`);
    expect(said.out).toBe('');
  });
});
