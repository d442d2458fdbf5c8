import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Gateway } from '../../support/gateway.ts';
import type { UpstreamYaml } from '../../support/gateway-yaml.ts';
import { logIn } from '../../support/login.ts';
import { RawClient, type RawResponse } from '../../support/raw-client.ts';
import { never, RecordingUpstream, respond } from '../../support/recording-upstream.ts';
import { request } from '../../support/request.ts';
import { Fleet } from '../../support/upstream-fleet.ts';

/** One gateway, one group for each policy, and the same servers in all. */
const stack = new AsyncDisposableStack();
let gateway: Gateway;
let fleet: Fleet;

beforeAll(async () => {
  fleet = stack.use(await Fleet.start('one', 'two', 'three', 'backup'));
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-balancing-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const path = join(folder, 'app.sock');
  stack.use(await RecordingUpstream.start({ path, answer: respond(200, [], 'socket') }));
  const six = stack.use(
    await RecordingUpstream.start({ host: '::1', answer: respond(200, [], 'six') }),
  );
  const [one = '', two = '', three = '', backup = ''] = fleet.addresses;
  const names = [
    ...['weighted', 'least', 'random', 'header', 'user', 'session', 'address', 'sticky', 'spare'],
  ];
  gateway = stack.use(
    await Gateway.planned({
      upstreamPorts: [],
      sections: {
        upstreams: groups({
          weighted: { servers: [{ address: one, weight: 3 }, two, { address: three, weight: 2 }] },
          least: { servers: [one, two], balance: 'leastConnections' },
          random: { servers: [one, two, three], balance: 'twoChoices' },
          header: { servers: [one, two, three], balance: 'hash', hashBy: 'header:X-Tenant' },
          user: { servers: [one, two, three], balance: 'hash', hashBy: 'user' },
          session: { servers: [one, two, three], balance: 'hash', hashBy: 'session' },
          address: { servers: [one, two, three], balance: 'hash', hashBy: 'address' },
          sticky: { servers: [one, two, three], stickyCookie: 'app-server' },
          spare: { servers: ['127.0.0.1:1', { address: backup, backup: true }] },
          socket: { servers: [`unix:${path}`] },
          six: { servers: [`[::1]:${String(six.port)}`] },
        }),
      },
      appRoutes: [...names, 'socket', 'six'].map((name) => ({
        path: `/${name}/`,
        auth: name === 'user' || name === 'session' ? 'session' : 'none',
        upstream: name,
      })),
    }),
  );
});
/** Blocks of address, weight and backup are rarer than addresses: the type of the usual gateway knows only those. */
function groups(upstreams: Record<string, Record<string, unknown>>): Record<string, UpstreamYaml> {
  return upstreams as Record<string, UpstreamYaml>; // what is written is YAML all the same
}

afterAll(() => stack.disposeAsync());

async function answers(count: number, path: string, lines: string[] = []): Promise<RawResponse[]> {
  await using client = await RawClient.connect(gateway.edge);
  const responses: RawResponse[] = [];
  while (responses.length < count) {
    responses.push(await client.write(request('GET', path, lines)).response());
  }
  return responses;
}

async function bodies(count: number, path: string, lines: string[] = []): Promise<string[]> {
  return (await answers(count, path, lines)).map((response) => response.text());
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('a group of servers', () => {
  it('with weights asks each by its weight, exactly', async () => {
    const counts = tally(await bodies(60, '/weighted/x'));
    expect(counts).toEqual({ one: 30, two: 10, three: 20 });
  });

  it('with leastConnections passes over a server with requests under way', async () => {
    await using held = await RawClient.connect(gateway.edge);
    fleet.at(0).answer = never();
    fleet.at(1).answer = never();
    held.write(request('GET', '/least/held'));
    const hasHeld = (index: number): boolean =>
      fleet.at(index).requests.some(({ target }) => target === '/least/held');
    while (!hasHeld(0) && !hasHeld(1)) await new Promise((resolve) => setImmediate(resolve));
    const busy = hasHeld(0) ? 'one' : 'two';
    fleet.at(0).answer = respond(200, [], 'one');
    fleet.at(1).answer = respond(200, [], 'two');
    expect(new Set(await bodies(8, '/least/x'))).toEqual(new Set([busy === 'one' ? 'two' : 'one']));
  });

  it('with twoChoices asks all of them', async () => {
    const counts = tally(await bodies(120, '/random/x'));
    expect(Object.keys(counts).toSorted()).toEqual(['one', 'three', 'two']);
    // A fair server gets under 10 of 120 once in 10⁹ runs.
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(10);
  });

  it('hashed by a header keeps each value at one server, and uses several', async () => {
    const servers: string[] = [];
    for (let tenant = 0; tenant < 12; tenant++) {
      const seen = new Set(await bodies(3, '/header/x', [`X-Tenant: t${String(tenant)}`]));
      expect(seen.size).toBe(1);
      servers.push(...seen);
    }
    expect(new Set(servers).size).toBeGreaterThan(1);
  });

  it('hashed by a header spreads requests without it', async () => {
    expect(new Set(await bodies(60, '/header/x')).size).toBe(3);
  });

  it('hashed by the user keeps all sessions of one at one server', async () => {
    const seen = new Set<string>();
    for (let login = 0; login < 3; login++) {
      const { cookie } = await logIn(gateway.edge);
      for (const body of await bodies(3, '/user/x', [`Cookie: ${cookie}`])) seen.add(body);
    }
    expect(seen.size).toBe(1);
  });

  it('hashed by the session keeps each of a user at one server, and uses several', async () => {
    const used = new Set<string>();
    for (let login = 0; login < 16; login += 1) {
      const { cookie } = await logIn(gateway.edge);
      // On connections of their own: it is the session that counts.
      const asked = await Promise.all(
        [1, 2, 3].map(() => bodies(2, '/session/x', [`Cookie: ${cookie}`])),
      );
      const names = new Set(asked.flat());
      expect(names.size).toBe(1);
      for (const name of names) used.add(name);
    }
    expect(used.size).toBeGreaterThan(1);
  });

  it('hashed by the address keeps a client at one server', async () => {
    expect(new Set(await bodies(9, '/address/x')).size).toBe(1);
  });

  it('asks a backup where no other server can be reached', async () => {
    expect(await bodies(4, '/spare/x')).toEqual(['backup', 'backup', 'backup', 'backup']);
  });

  it('is reached at a Unix socket, and by IPv6', async () => {
    expect(await bodies(3, '/socket/x')).toEqual(['socket', 'socket', 'socket']);
    expect(await bodies(3, '/six/x')).toEqual(['six', 'six', 'six']);
  });
});

describe('a cookie that keeps a browser at a server', () => {
  it('is set with the first answer and not again; the application does not see it', async () => {
    const [first] = await answers(1, '/sticky/x');
    const set = first?.value('set-cookie') ?? '';
    expect(set).toMatch(/^app-server=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(first?.value('cache-control')).toBe('private');
    const cookie = set.split(';', 1)[0] ?? '';
    const kept = await answers(6, '/sticky/kept', [`Cookie: a=1; ${cookie}; b=2`]);
    expect(new Set(kept.map((one) => one.text()))).toEqual(new Set([first?.text()]));
    expect(kept.flatMap((one) => one.values('set-cookie'))).toEqual([]);
    const seen = fleet.upstreams
      .flatMap(({ requests }) => requests)
      .filter(({ target }) => target === '/sticky/kept');
    expect(seen.flatMap((one) => one.values('cookie'))).toEqual(Array(6).fill('a=1; b=2'));
  });

  it('that nobody here has made counts for nothing', async () => {
    const forged = await answers(6, '/sticky/x', [`Cookie: app-server=${'A'.repeat(22)}`]);
    expect(new Set(forged.map((one) => one.text())).size).toBe(3);
    expect(forged.every((one) => one.value('set-cookie') !== undefined)).toBe(true);
  });

  it('is not set on an answer that shared caches keep', async () => {
    fleet.at(0).answer = respond(200, [['Cache-Control', 'public, max-age=60']], 'one');
    const shared = await answers(3, '/sticky/x');
    fleet.at(0).answer = respond(200, [], 'one');
    const cached = shared.find((one) => one.text() === 'one');
    expect(cached?.values('set-cookie')).toEqual([]);
    expect(shared.flatMap((one) => one.values('set-cookie'))).toHaveLength(2);
  });
});
