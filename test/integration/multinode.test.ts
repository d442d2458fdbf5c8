import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { greeting, mintToken } from '../../demo/multinode/tiers.ts';
import { askAt, entriesAt, Multinode, tokensPath, type AskOptions } from '../support/multinode.ts';
import { patientMs } from '../support/patience.ts';
import type { RawResponse } from '../support/raw-client.ts';
import { waitFor } from '../support/wait-for.ts';

let scene: Multinode;
let users = 0;

beforeAll(async () => {
  scene = await Multinode.start();
}, patientMs(60_000));

afterAll(async () => {
  await scene[Symbol.asyncDispose]();
});

afterEach(() => {
  scene.tokens.answer = null;
});

/** Somebody whom nobody has seen yet, with the key that the gateways know such a client by. */
function newUser(agent = 'curl/8'): { readonly user: string; readonly key: string } {
  users += 1;
  const user = `user-${String(users)}`;
  return { user, key: `${user}:127.0.0.1:${agent}` };
}

const one = (): number => scene.proxy1.port;
const two = (): number => scene.proxy2.port;
const balancer = (): number => scene.balancer.port;

async function statusAt(port: number, options: AskOptions): Promise<number> {
  return (await askAt(port, options)).status;
}

function write(
  port: number,
  method: string,
  body: unknown,
  path = tokensPath,
): Promise<RawResponse> {
  return askAt(port, {
    method,
    path,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

function codeOf(response: RawResponse): string {
  const { error } = JSON.parse(response.text()) as { error: { code: string; status: number } };
  return `${String(response.status)} ${error.code}`;
}

async function callsDuring(work: () => Promise<unknown>): Promise<number> {
  const before = scene.tokens.count;
  await work();
  return scene.tokens.count - before;
}

describe('the cache of tokens', () => {
  it('M1, M2: fetches a token with the first request, and none with the second', async () => {
    const { user } = newUser();
    const first = await callsDuring(async () => {
      const response = await askAt(balancer(), { user });
      expect(response.status).toBe(200);
      expect(response.text()).toBe(greeting);
    });
    expect(first).toBe(1);
    expect(await callsDuring(() => askAt(balancer(), { user }))).toBe(0);
    const last = scene.apiLines.slice(-2).map((line) => / token=([0-9a-f]{8})$/.exec(line)?.[1]);
    expect(last[0]).toBeDefined();
    expect(last[1]).toBe(last[0]);
  });

  it('M3: serves from what the other node has fetched', async () => {
    const { user } = newUser();
    expect(await statusAt(one(), { user })).toBe(200);
    expect(await callsDuring(() => askAt(two(), { user }))).toBe(0);
  });

  it('M4: brings the token to the API tier, and nothing that a client sends in its place', async () => {
    const { key, user } = newUser();
    let seen: unknown = null;
    scene.api.answer = (request, response) => {
      seen = request.headersDistinct['x-authkey'];
      response.end('x');
    };
    await askAt(one(), { user, lines: ['X-Authkey: forged', 'X_Authkey: forged'] });
    scene.api.answer = null;
    expect(seen).toEqual([(await entriesAt(one()))[key]]);
  });

  it('M5: tells the token tier the key, and nothing else of the client', async () => {
    const { key, user } = newUser();
    let seen: string[] = [];
    scene.tokens.answer = (received, response) => {
      seen = Object.keys(received.headers).toSorted();
      response.end(mintToken());
    };
    await askAt(one(), { user, lines: ['Cookie: a=b', 'Authorization: Basic eDp5', 'X-A: b'] });
    const own = ['accept', 'accept-encoding', 'connection', 'host', 'user-agent', 'x-userinfo'];
    expect(seen).toEqual(own);
    expect(scene.tokenLines.at(-1)).toMatch(new RegExp(` userinfo=${key.replaceAll('.', '\\.')}$`));
  });

  it('M6: knows a token by user, address and agent, whatever characters they have', async () => {
    const { key, user } = newUser();
    await askAt(one(), { user });
    expect(await callsDuring(() => askAt(one(), { user, agent: 'other' }))).toBe(1);
    // Two that would be one with a plain `:` between the parts.
    expect(await callsDuring(() => askAt(one(), { user: `${user}:127.0.0.1`, agent: 'x' }))).toBe(
      1,
    );
    expect(await callsDuring(() => askAt(one(), { user, agent: '127.0.0.1:x%3A' }))).toBe(1);
    const keys = Object.keys(await entriesAt(one()));
    expect(keys).toEqual(
      expect.arrayContaining([
        key,
        `${user}:127.0.0.1:other`,
        `${user}%3A127.0.0.1:127.0.0.1:x`,
        `${user}:127.0.0.1:127.0.0.1%3Ax%253A`,
      ]),
    );
  });

  it('M7, M8: refuses a user of one character, and none', async () => {
    expect(await callsDuring(() => askAt(one(), { user: 'a' }))).toBe(0);
    expect(await statusAt(one(), { user: 'a' })).toBe(403);
    expect(await statusAt(balancer(), {})).toBe(403);
  });

  it('M9: asks again when an entry has ended, counted from its last write', async () => {
    const { key, user } = newUser();
    await askAt(one(), { user });
    const brief = { [key]: { value: (await entriesAt(one()))[key], expire: 1_000 } };
    expect((await write(one(), 'PATCH', brief)).status).toBe(204);
    await waitFor('the entry to end', async () => {
      return (await askAt(one(), { path: `${tokensPath}?key=${key}` })).status === 404;
    });
    expect(await callsDuring(() => askAt(one(), { user }))).toBe(1);
  });

  it('M10, M11, M33: blocks on both nodes with the answer to a PATCH', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { key, user } = newUser();
      expect(await statusAt(one(), { user })).toBe(200);
      expect(await statusAt(two(), { user })).toBe(200);
      expect(
        (await write(one(), 'PATCH', { [key]: round % 2 === 0 ? '0' : 'too short' })).status,
      ).toBe(204);
      expect(await statusAt(two(), { user })).toBe(403);
      expect(await statusAt(one(), { user })).toBe(403);
    }
  });

  it('M12: forgets a key on both nodes with PATCH null', async () => {
    const { key, user } = newUser();
    await askAt(one(), { user });
    await askAt(two(), { user });
    expect((await write(one(), 'PATCH', { [key]: null })).status).toBe(204);
    expect(await entriesAt(one())).not.toHaveProperty([key]);
    expect(await entriesAt(two())).not.toHaveProperty([key]);
    expect(await callsDuring(() => askAt(two(), { user }))).toBe(1);
  });

  it('M13: asks the token tier again when a block has ended', async () => {
    const { key, user } = newUser();
    expect((await write(one(), 'POST', { [key]: { value: '0', expire: 800 } })).status).toBe(201);
    expect(await statusAt(two(), { user })).toBe(403);
    await waitFor('the block to end', async () => (await statusAt(two(), { user })) === 200);
    expect((await entriesAt(one()))[key]).toMatch(/^ey/);
  });

  it('M26: is asked through both nodes in turn', async () => {
    const { user } = newUser();
    const before = scene.balancer.lines.length;
    for (let count = 0; count < 4; count += 1) await askAt(balancer(), { user });
    await waitFor('four lines', () => scene.balancer.lines.length >= before + 4);
    const asked = scene.balancer.lines.slice(before).map((line) => /ua="([^"]+)"/.exec(line)?.[1]);
    expect(new Set(asked).size).toBe(2);
    expect(asked[0]).not.toBe(asked[1]);
    expect(asked[2]).toBe(asked[0]);
  });

  it('M30, M41: hands on 401 and 403, says 500 to anything else, and keeps nothing of it', async () => {
    const { key, user } = newUser();
    for (const [status, expected] of [
      [401, 401],
      [403, 403],
      [404, 500],
      [500, 500],
      [302, 500],
    ] as const) {
      scene.tokens.answer = (_, response) => {
        response.writeHead(status, { 'WWW-Authenticate': 'Token realm="tier"', Location: '/x' });
        response.end('an error page that is longer than ten characters');
      };
      const response = await askAt(one(), { user });
      expect(response.status).toBe(expected);
      expect(response.values('www-authenticate')).toEqual(
        status === 401 ? ['Token realm="tier"'] : [],
      );
    }
    scene.tokens.answer = (_, response) => response.end('<html>An error page with 200</html>');
    expect(await statusAt(one(), { user })).toBe(500);
    scene.tokens.answer = (_, response) => response.end(mintToken(-10));
    expect(await statusAt(one(), { user })).toBe(500);
    expect(await entriesAt(two())).not.toHaveProperty([key]);
    scene.tokens.answer = null;
    expect(await statusAt(two(), { user })).toBe(200);
  });

  it('M36: has no paths of its own for clients', async () => {
    expect(await statusAt(one(), { path: '/auth', user: 'user1' })).toBe(404);
    expect(await statusAt(one(), { path: '/kvtest', user: 'user1' })).toBe(404);
  });

  it('M39: takes the address from the balancer, who takes none from clients', async () => {
    const { key, user } = newUser();
    const lines = ['X-Forwarded-For: 1.2.3.4'];
    expect(await statusAt(balancer(), { user, lines })).toBe(200);
    expect(await entriesAt(one())).toHaveProperty([key]);
    // Straight to a gateway it is the peer's.
    await askAt(one(), { user, lines, from: '127.0.0.2' });
    const keys = Object.keys(await entriesAt(one()));
    expect(keys).toContain(`${user}:127.0.0.2:curl/8`);
    expect(keys.filter((other) => other.includes('1.2.3.4'))).toEqual([]);
  });

  it('M40: lets what the API tier answers through as it is', async () => {
    const { user } = newUser();
    const body = Buffer.alloc(300_000, 'a body of some length ');
    scene.api.answer = (_, response) => {
      response.writeHead(203, {
        'Content-Type': 'application/x-thing',
        ETag: '"1"',
        Vary: 'Accept',
      });
      response.write(body);
      response.end();
    };
    const direct = await askAt(scene.ports[4] ?? 0, { user });
    const through = await askAt(balancer(), { user });
    scene.api.answer = null;
    expect(through.status).toBe(203);
    expect(through.body.equals(direct.body)).toBe(true);
    for (const name of ['content-type', 'etag', 'vary', 'cache-control']) {
      expect(through.values(name)).toEqual(direct.values(name));
    }
  });
});

describe('the keyval API', () => {
  it('M14: shows a zone, all zones, and a key, and takes a slash at the end', async () => {
    const { key } = newUser('a b');
    expect((await write(one(), 'POST', { [key]: 'some value' })).status).toBe(201);
    const all = JSON.parse((await askAt(two(), { path: '/api/9/http/keyvals/' })).text()) as object;
    expect(all).toHaveProperty(['tokens', key], 'some value');
    expect((await entriesAt(two()))[key]).toBe('some value');
    const path = `${tokensPath}/?key=${encodeURIComponent(key)}`;
    expect(JSON.parse((await askAt(two(), { path })).text())).toEqual({ [key]: 'some value' });
    expect(codeOf(await askAt(two(), { path: `${tokensPath}?key=nobody` }))).toBe(
      '404 KeyvalKeyNotFound',
    );
    const names = await askAt(two(), { path: '/api/9/http/keyvals?fields=' });
    expect(JSON.parse(names.text())).toEqual(['tokens']);
  });

  it('M15: adds a key once', async () => {
    const { key } = newUser();
    const added = await write(one(), 'POST', { [key]: 'some value' });
    expect([added.status, added.text()]).toEqual([201, '']);
    const again = await write(two(), 'POST', { [key]: 'another value' });
    expect(codeOf(again)).toBe('409 KeyvalKeyExists');
    expect(again.text()).toContain(`key \\"${key}\\" already exists`);
    expect((await entriesAt(one()))[key]).toBe('some value');
  });

  it('M16, M19: empties the zone everywhere, and takes several keys only then', async () => {
    const [a, b] = [newUser(), newUser()];
    await write(one(), 'POST', { [a.key]: 'x' });
    const several = { [a.key]: 'one', [b.key]: 2 };
    expect(codeOf(await write(one(), 'POST', several))).toBe('400 KeyvalFormatError');
    expect(await statusAt(two(), { user: b.user })).toBe(200);
    expect((await write(one(), 'DELETE', '')).status).toBe(204);
    expect(await entriesAt(one())).toEqual({});
    expect(await entriesAt(two())).toEqual({});
    expect(await callsDuring(() => askAt(two(), { user: b.user }))).toBe(1);
    await write(two(), 'DELETE', '');
    expect((await write(one(), 'POST', several)).status).toBe(201);
    expect(await entriesAt(two())).toEqual({ [a.key]: 'one', [b.key]: '2' });
    await write(two(), 'DELETE', '');
  });

  it('M17: lets an entry end when it is told to', async () => {
    const { key } = newUser();
    const added = await write(one(), 'POST', { [key]: { value: 'x', expire: 500 } });
    expect(added.status).toBe(201);
    await waitFor('the entry to end', async () => !(key in (await entriesAt(two()))));
    expect((await write(one(), 'POST', { [key]: 'x' })).status).toBe(201);
    expect((await write(one(), 'PATCH', { [key]: { value: 'y', expire: 400 } })).status).toBe(204);
    await waitFor('the entry to end', async () => !(key in (await entriesAt(two()))));
  });

  it('M18: changes one key that is there', async () => {
    const [a, b] = [newUser(), newUser()];
    expect(codeOf(await write(one(), 'PATCH', { [a.key]: 'x' }))).toBe('404 KeyvalKeyNotFound');
    expect(codeOf(await write(one(), 'PATCH', { [a.key]: null }))).toBe('404 KeyvalKeyNotFound');
    const both = { [a.key]: 'x', [b.key]: 'y' };
    expect(codeOf(await write(one(), 'PATCH', both))).toBe('400 KeyvalFormatError');
  });

  it('M20: knows neither other zones nor other versions', async () => {
    const nope = await askAt(one(), { path: '/api/9/http/keyvals/nope' });
    expect(codeOf(nope)).toBe('404 KeyvalNotFound');
    expect(codeOf(await askAt(one(), { path: '/api/99/' }))).toBe('404 UnknownVersion');
    expect(codeOf(await askAt(one(), { path: '/api/10/http/keyvals/tokens' }))).toBe(
      '404 UnknownVersion',
    );
    expect(codeOf(await askAt(one(), { path: '/api/9/http/caches' }))).toBe('404 PathNotFound');
  });

  it('M21: says what is wrong in the shape that clients know, and older versions in theirs', async () => {
    const errorAt = async (version: number): Promise<Record<string, unknown>> => {
      const path = `/api/${String(version)}/http/keyvals/nope`;
      return JSON.parse((await askAt(one(), { path })).text()) as Record<string, unknown>;
    };
    expect(await errorAt(8)).toEqual({
      error: { status: 404, text: 'keyval not found', code: 'KeyvalNotFound' },
      request_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      href: 'https://nginx.org/en/docs/http/ngx_http_api_module.html',
    });
    expect(await errorAt(3)).toMatchObject({ error: { path: '', method: '' } });
  });

  it('M22: takes neither what is no JSON, nor JSON of another shape, nor too much of it', async () => {
    const { key } = newUser();
    expect(codeOf(await write(one(), 'POST', '{'))).toBe('415 JsonError');
    for (const shape of [[], 'x', {}, { [key]: [] }, { [key]: { expire: 5 } }, { [key]: null }]) {
      expect(codeOf(await write(one(), 'POST', JSON.stringify(shape)))).toBe(
        '400 KeyvalFormatError',
      );
    }
    expect((await write(one(), 'POST', { [key]: 'x'.repeat(20_000) })).status).toBe(413);
    // Before version 5 an entry had no time of its own.
    const timed = { [key]: { value: 'x', expire: 5_000 } };
    expect(codeOf(await write(one(), 'POST', timed, '/api/4/http/keyvals/tokens'))).toBe(
      '400 KeyvalFormatError',
    );
    expect(await entriesAt(one())).not.toHaveProperty([key]);
  });

  it('M24: lists its versions', async () => {
    for (const path of ['/api', '/api/']) {
      const response = await askAt(one(), { path });
      expect(JSON.parse(response.text())).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it('M25: answers those only who are allowed to ask', async () => {
    expect(await statusAt(one(), { path: tokensPath, from: '127.0.0.2' })).toBe(403);
    const lines = ['X-Forwarded-For: 192.0.2.1'];
    expect(await statusAt(one(), { path: tokensPath, lines })).toBe(403);
    expect((await write(one(), 'DELETE', '', '/api/9/http/keyvals/nope')).status).toBe(404);
    expect(await statusAt(one(), { path: tokensPath, host: 'evil.example' })).toBe(403);
    const foreign = { method: 'DELETE', path: tokensPath, lines: ['Origin: http://evil.example'] };
    expect(await statusAt(one(), foreign)).toBe(403);
  });

  it('M34: says who is there, from version 3 on', async () => {
    const before = Object.keys(await entriesAt(one())).length;
    const sync = JSON.parse(
      (await askAt(one(), { path: '/api/8/stream/zone_sync/' })).text(),
    ) as Record<string, unknown>;
    expect(sync).toEqual({
      zones: { tokens: { records_pending: 0, records_total: before } },
      status: {
        bytes_in: expect.any(Number),
        msgs_in: expect.any(Number),
        msgs_out: expect.any(Number),
        bytes_out: expect.any(Number),
        nodes_online: 1,
      },
    });
    expect(codeOf(await askAt(one(), { path: '/api/2/stream/zone_sync/' }))).toBe(
      '404 PathNotFound',
    );
  });
});

describe('nodes that come and go', () => {
  it('M23, M31: a node that joins has what is there; one that is read-only changes nothing', async () => {
    const { key, user } = newUser();
    await askAt(one(), { user });
    const env = { MULTINODE_API_WRITE: 'false' };
    await using late = scene.node('proxy3', scene.ports[5] ?? 0, env);
    await late.isUp();
    expect(await entriesAt(late.port)).toHaveProperty([key]);
    expect(await callsDuring(() => askAt(late.port, { user }))).toBe(0);
    expect(codeOf(await write(late.port, 'POST', { x: 'y' }))).toBe('405 MethodDisabled');
    expect(codeOf(await write(late.port, 'DELETE', ''))).toBe('405 MethodDisabled');
  });

  it('M29: a tier that is down is never given up, and nothing of it is kept', async () => {
    const { key, user } = newUser();
    const known = newUser();
    await askAt(one(), { user: known.user });
    const [, , , tokens = 0, api = 0] = scene.ports;
    await scene.tokens.stop();
    expect(await statusAt(one(), { user })).toBe(503);
    expect(await statusAt(one(), { user: known.user })).toBe(200);
    expect(await entriesAt(one())).not.toHaveProperty([key]);
    await scene.tokens.start(tokens);
    expect(await statusAt(one(), { user })).toBe(200);
    await scene.api.stop();
    expect(await statusAt(one(), { user })).toBe(502);
    await scene.api.start(api);
    expect(await statusAt(one(), { user })).toBe(200);
  });

  it('M32: a node that is cut off takes no writes, serves what it has, and agrees again', async () => {
    const [known, fresh, other] = [newUser(), newUser(), newUser()];
    await askAt(two(), { user: known.user });
    scene.relay.refuse();
    scene.relay.cut();
    expect(codeOf(await write(two(), 'PATCH', { [other.key]: '0' }))).toBe('503 StoreUnavailable');
    await waitFor(
      'the lease to end',
      async () => (await askAt(two(), { path: tokensPath })).status === 503,
    );
    expect(await statusAt(two(), { user: known.user })).toBe(200);
    expect(await statusAt(two(), { user: fresh.user })).toBe(503);
    // Answered when the one that is cut off knows by itself that it may not believe what it has.
    expect((await write(one(), 'PATCH', { [known.key]: '0' })).status).toBe(204);
    expect(await statusAt(one(), { user: known.user })).toBe(403);
    scene.relay.heal();
    await waitFor(
      'both to agree',
      async () => (await statusAt(two(), { user: known.user })) === 403,
    );
    expect(await entriesAt(two())).toEqual(await entriesAt(one()));
  });

  it('M35: what a node has said to be written is there when it ends in that moment', async () => {
    const { key } = newUser();
    expect((await write(one(), 'POST', { [key]: 'some value' })).status).toBe(201);
    await scene.proxy1.stop();
    expect((await entriesAt(two()))[key]).toBe('some value');
    await scene.proxy1.start();
  });

  it('M27, M28: the balancer goes round a node that is down; without nodes it says 502', async () => {
    const { user } = newUser();
    await scene.proxy1.stop();
    for (let count = 0; count < 10; count += 1) {
      expect(await statusAt(balancer(), { user })).toBe(200);
    }
    await scene.proxy1.start();
    const address = `ua="127.0.0.1:${String(one())}"`;
    const before = scene.balancer.lines.filter((line) => line.includes(address)).length;
    await waitFor('the node to be used again', async () => {
      await askAt(balancer(), { user });
      return scene.balancer.lines.filter((line) => line.includes(address)).length > before;
    });
    await Promise.all([scene.proxy1.stop(), scene.proxy2.stop()]);
    expect(await statusAt(balancer(), { user })).toBe(502);
    await Promise.all([scene.proxy1.start(), scene.proxy2.start()]);
  });
});

describe('the logs', () => {
  const octet = String.raw`(?:[^"\\]|\\x[0-9A-F]{2})*`;
  const form = new RegExp(
    String.raw`^\S+ - \S+ \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "${octet}" \d{3} \d+ "${octet}" "(?:h2)?"` +
      String.raw` "${octet}" "${octet}" "${octet}" sn="\w+" rt=\d+\.\d{3} ua="[^"]+" us="[^"]+" ut="[^"]+" ul="[^"]+"` +
      String.raw` cs=(?:-|HIT|MISS|STALE) ([0-9a-f]{32})(?: userinfo=.+| token=\S+)?$`,
  );

  it('M37, M38: have one line in main_ext for each request at each tier, each with an id of its own', async () => {
    const { user } = newUser();
    const agent = 'a "quoted" \\ agent';
    const tiers = [
      () => scene.balancer.lines,
      () => [...scene.proxy1.lines, ...scene.proxy2.lines],
      () => scene.tokenLines,
      () => scene.apiLines,
    ];
    expect(await statusAt(balancer(), { user, agent, path: `/a?b=${user}` })).toBe(200);
    const own = (): string[][] => {
      const isOwn = (line: string): boolean =>
        line.includes(`?b=${user} `) || line.includes(` userinfo=${user}:`);
      return tiers.map((lines) => lines().filter(isOwn));
    };
    await waitFor('a line of each tier', () => own().every((lines) => lines.length > 0));
    expect(own().map((lines) => lines.length)).toEqual([1, 1, 1, 1]);
    const ids = own().map(([line = '']) => form.exec(line)?.[1]);
    expect(new Set(ids).size).toBe(4);
    const [[told] = []] = own();
    expect(told).toContain(String.raw`"a \x22quoted\x22 \x5C agent"`);
    expect(told).toContain(`"GET /a?b=${user} HTTP/1.1" 200 22`);
    const all = tiers.flatMap((lines) => lines());
    expect(all.filter((line) => !form.test(line))).toEqual([]);
    const every = all.map((line) => form.exec(line)?.[1]);
    expect(new Set(every).size).toBe(every.length);
    expect(all.filter((line) => /eyJ/.test(line))).toEqual([]);
  });
});
