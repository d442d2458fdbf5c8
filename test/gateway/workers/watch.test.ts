import { readFile, rename, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { Gateway } from '../../support/gateway.ts';
import { planned, type GatewayYaml, type RouteYaml } from '../../support/gateway-yaml.ts';
import { logIn } from '../../support/login.ts';
import { patientMs } from '../../support/patience.ts';
import { ask, RawClient } from '../../support/raw-client.ts';
import { request } from '../../support/request.ts';
import { event, events } from '../../support/worker-log.ts';
import { nodesOf, run } from '../../support/worker-processes.ts';
import { RecordingUpstream } from '../../support/recording-upstream.ts';

/** Two processes, one after the other, on a machine that has other work. */
const REPLACED_MS = 60_000;
const SLOW = { timeout: patientMs(120_000) };

/** A sound one for each number. */
function secretOf(seed: number): string {
  return Array.from({ length: 48 }, (_, at) => ((at * 7 + seed * 11) % 36).toString(36)).join('');
}

let upstream: RecordingUpstream;
let gateway: Gateway;

beforeAll(async () => {
  upstream = await RecordingUpstream.start();
  const yaml: GatewayYaml & Record<'reload' | 'explain', Record<string, unknown>> = {
    ...planned({ upstreamPorts: [upstream.port] }),
    workers: 2,
    explain: { recentRequests: 10 },
    reload: { watch: true, interval: '100ms' },
    sessions: { store: { type: 'sqlite', path: 'sessions.db' } },
    tokens: { keys: [{ id: 'one', secret: secretOf(1) }] },
  };
  gateway = await Gateway.start(yaml);
}, patientMs(60_000));

afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

/** As a deployment does: another file in its place. */
async function replace(change: (yaml: GatewayYaml) => void): Promise<void> {
  const yaml = parse(await readFile(gateway.configPath, 'utf8')) as GatewayYaml; // we wrote it
  change(yaml);
  await writeFile(`${gateway.configPath}.new`, stringify(yaml));
  await rename(`${gateway.configPath}.new`, gateway.configPath);
}

function appRoute({ listeners }: GatewayYaml): RouteYaml | undefined {
  return listeners['edge']?.routes.find(({ path }) => path === '/');
}

describe('a gateway that watches its configuration', SLOW, () => {
  it('takes a change, says what is different without secrets, and warns of what is public now', async () => {
    await replace((yaml) => {
      const route = appRoute(yaml);
      if (route !== undefined) route.auth = 'none';
      yaml.tokens?.keys.push({ id: 'two', secret: secretOf(2) });
    });
    const replaced = await event(gateway, 'config.replaced', 0, REPLACED_MS);
    expect(replaced).toMatchObject({ kind: 'reload', generation: 2 });
    const [changed] = events(gateway, 'config.changed');
    expect(changed?.['changes']).toEqual([
      'listeners.edge.routes.edge/4.auth: "session" → "none"',
      'tokens.keys.two: added: {"id":"two","secret":"[secret]"}',
    ]);
    expect(events(gateway, 'config.exposed')).toEqual([
      expect.objectContaining({
        level: 'warn',
        detail: expect.stringMatching(/route edge\/4 .* asks nobody for a session any more/),
      }),
    ]);
    expect(gateway.process.stderr).not.toContain(secretOf(2));
    expect((await ask(gateway.edge, request('GET', '/anything'))).status).toBe(200);
  });

  it('refuses one with problems, runs on, and takes it when they are corrected', async () => {
    const good = await readFile(gateway.configPath, 'utf8');
    await writeFile(gateway.configPath, `${good}\nnonsense: true\n`);
    const refused = await event(gateway, 'config.refused', 0, REPLACED_MS);
    expect(String(refused['reason'])).toContain('nonsense');
    expect(await nodesOf(gateway)).toMatchObject({ generation: 2, isConfigTaken: false });
    // In one step: the watch takes whatever lies there for a while.
    const corrected = parse(good) as GatewayYaml; // we wrote it
    const route = appRoute(corrected);
    if (route !== undefined) route.auth = 'session';
    await writeFile(`${gateway.configPath}.new`, stringify(corrected));
    await rename(`${gateway.configPath}.new`, gateway.configPath);
    const again = await event(gateway, 'config.replaced', 1, REPLACED_MS);
    expect(again['generation']).toBe(3);
    expect(events(gateway, 'config.exposed')).toHaveLength(1);
  });

  it('explains a request of somebody who is logged in, by whichever worker is asked', async () => {
    const { cookie, token } = await logIn(gateway.edge);
    const explained = await run(
      ...['explain', 'GET', `http://localhost:${String(gateway.edge)}/a/../b?c=1`],
      ...['--cookie', `${cookie}; theme=dark`, '--header', 'X-UserInfo: admin'],
      ...['--config', gateway.configPath],
    );
    expect(explained.stderr).toBe('');
    expect(explained.code).toBe(0);
    expect(explained.stdout).toMatch(/\n {2}path {6}\/b\n/);
    expect(explained.stdout).toMatch(
      /\n {2}user {6}user1 \(demo\), physician, in group1, group2\n/,
    );
    expect(explained.stdout).toMatch(/\n {2}X-UserInfo: admin\n {6}only the gateway says this/);
    expect(explained.stdout).toMatch(/\n {2}GET \/b\?c=1 HTTP\/1\.1\n/);
    expect(explained.stdout).toMatch(/\n {2}Cookie: theme=\*\*\*\n/);
    expect(explained.stdout).not.toContain(token);
    // And one that has come.
    const path = '/later?access_token=abc';
    const asked = `GET ${path} HTTP/1.1\r\nHost: a\r\nCookie: ${cookie}\r\nX_A: 1\r\n\r\n`;
    await using client = await RawClient.connect(gateway.edge);
    expect((await client.write(asked).response('GET')).status).toBe(200);
    const { requestId } = await gateway.accessLine('it', (line) => line['path'] === '/later');
    const config = ['--config', gateway.configPath];
    const recent = await run('explain', '--request', String(requestId), ...config);
    expect(recent).toMatchObject({ code: 0, stderr: '' });
    expect(recent.stdout).toMatch(/^GET \/later\?access_token=\*\*\*\n/);
    expect(recent.stdout).toMatch(/\n {2}it was {4}answered 200 \(ok\)\n/);
    expect(recent.stdout).toMatch(/\n {2}X_A: 1\n/);
    expect(recent.stdout).not.toContain(token);
    const unknown = await run('explain', '--request', 'nobody', ...config);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('no worker remembers a request "nobody"');
  });
});
