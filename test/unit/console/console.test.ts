import { beforeEach, describe, expect, it } from 'vitest';
import type { ConsoleQuestion } from '../../../src/admin/console-port.ts';
import { Console } from '../../../src/console/console.ts';
import { NodeBoard } from '../../../src/console/node-board.ts';
import type { NodeView } from '../../../src/console/node-view.ts';
import type { WorkerFacts } from '../../../src/console/worker-facts.ts';
import type { Reply } from '../../../src/http/reply.ts';
import { withLoginOrigin } from '../../../src/identity/login-origin.ts';
import { ConsolePages } from '../../../src/pages/console-pages.ts';
import type { ConsoleState } from '../../../src/pages/console-state.ts';
import type { LiveSession } from '../../../src/session/live-session.ts';
import type { Listing } from '../../../src/session/listing.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { pagesConfig } from '../../support/pages-config.ts';
import { admin, person, room, user1, valueOf, type Room } from '../endpoints/endpoint-fakes.ts';

const facts: WorkerFacts = {
  ...{ node: 'north', worker: 1, pid: 7, member: 'aa', state: 'coherent', leaseMs: 600 },
  ...{ members: 2, requests: 10, errors: 1, settled: 0, settledMs: 0, cachedSessions: 3 },
  streams: 2,
  streamsOf: { 'handle-s2': 2 },
};
const view: NodeView = {
  workers: [facts],
  upstreams: [],
  rates: { everyMs: 1_000, samples: [] },
};

interface Scene {
  readonly room: Room;
  readonly clock: ManualClock;
  readonly touched: LiveSession[];
  readonly desk: Console;
  ask(path: string, asked?: Partial<Asked>): Promise<Reply>;
}

interface Asked {
  readonly method: string;
  readonly token: string;
  readonly fields: Record<string, string>;
  readonly body: string;
}

function questionOf(path: string, asked: Partial<Asked> = {}): ConsoleQuestion {
  const { body = '', fields = {}, method = 'GET', token } = asked;
  const cookie = token === undefined ? {} : { cookie: `portcullis=${token}` };
  const mark = path.indexOf('?');
  return {
    method,
    path: mark === -1 ? path : path.slice(0, mark),
    query: mark === -1 ? '' : path.slice(mark),
    host: 'localhost:9099',
    isSecure: false,
    address: '192.0.2.7',
    requestId: 'r1',
    fields: Object.entries({ ...cookie, ...fields }),
    body: Buffer.from(body),
  };
}

function scene(): Scene {
  const made = room('modern');
  const clock = new ManualClock();
  const touched: LiveSession[] = [];
  const listed = (): Listing =>
    made.sessions.isOut
      ? { kind: 'unavailable' }
      : { kind: 'listed', sessions: [...made.sessions.live.values()].map((live) => live.session) };
  const others: WorkerFacts = {
    ...facts,
    node: 'south',
    member: 'bb',
    streamsOf: { 'handle-s2': 1 },
  };
  const board = new NodeBoard(
    {
      put: () => Promise.resolve(),
      notes: () =>
        Promise.resolve(
          new Map([
            ['aa', JSON.stringify({ ...facts, requests: 0 })],
            ['bb', JSON.stringify(others)],
            ['cc', null],
          ]),
        ),
    },
    () => facts,
  );
  const desk = new Console({
    explain: () => Promise.resolve({ kind: 'refused', sentence: 'nobody remembers it' }),
    endpoints: made.parts,
    sessions: {
      look: async (token) => made.sessions.resolve(token),
      isTouchDue: () => true,
      touch: (live) => void touched.push(live),
      listOf: (directory, subject) => made.sessions.listOf(directory, subject),
      page: async (skip, count) => {
        const all = listed();
        return all.kind === 'listed'
          ? { kind: 'listed', sessions: all.sessions.slice(skip, skip + count) }
          : all;
      },
      count: async () => made.sessions.live.size,
    },
    pages: new ConsolePages(pagesConfig),
    impersonation: { possible: false, reason: 'noRoute' },
    board,
    clock,
  });
  const ask: Scene['ask'] = (path, asked) => desk.answer(questionOf(path, asked), view);
  return { room: made, clock, touched, desk, ask };
}

const page = { accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };

let made: Scene;
let token: string;
beforeEach(async () => {
  made = scene();
  token = (await made.room.enter(admin)).cookieToken;
});

const stateOf = (reply: Reply): ConsoleState => JSON.parse(String(reply.body)) as ConsoleState; // what it is

describe('whoever comes to the console', () => {
  it('without a session is sent to log in, and comes back', async () => {
    const reply = await made.ask('/console?user=user1', { fields: page });
    expect(reply.status).toBe(302);
    expect(valueOf(reply, 'Location')).toBe('/console/login?next=%2Fconsole%3Fuser%3Duser1');
    const asked = await made.ask('/console/state.json');
    expect([asked.status, asked.body]).toEqual([
      401,
      '{"error":"unauthenticated","login_url":"/console/login"}',
    ]);
  });

  it('and is no staff sees and does nothing, and can log out', async () => {
    const { cookieToken } = await made.room.enter(user1);
    for (const path of ['/console', '/console/state.json', '/console/nothing']) {
      expect((await made.ask(path, { token: cookieToken })).status).toBe(403);
    }
    const body = JSON.stringify({ user: 'user1', directory: 'users', session: 'all' });
    const order = { method: 'POST', token: cookieToken, body };
    expect((await made.ask('/console/end', order)).status).toBe(403);
    expect(made.room.sessions.live.size).toBe(2);
    const shown = await made.ask('/console', { token: cookieToken, fields: page });
    expect(shown.body).toContain('You are logged in as user1, who may not look at it.');
    const gone = await made.ask('/console/logout', { method: 'POST', token: cookieToken });
    expect(gone.status).toBe(200);
    expect(made.room.sessions.live.size).toBe(1);
  });

  it('and acts for somebody is no staff', async () => {
    const caller = [...made.room.sessions.live.values()][0];
    const actor = { subject: 'admin', directory: 'users', sessionId: caller?.session.id ?? '' };
    const opening = await made.room.sessions.open(admin, actor, 0);
    if (opening.kind !== 'opened') throw new Error('it is open');
    expect((await made.ask('/console', { token: opening.token })).status).toBe(403);
  });

  it('logs in with the throttle and the audit log that everybody has', async () => {
    const body = JSON.stringify({ username: 'admin', password: 'wrong' });
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      statuses.push((await made.ask('/console/login', { method: 'POST', body })).status);
    }
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect(made.room.audited[0]).toMatchObject({
      event: 'login.rejected',
      address: '192.0.2.7',
      requestId: 'r1',
    });
  });

  it('is told of an outage, with the cookie untouched, and the page comes again by itself', async () => {
    made.room.sessions.isOut = true;
    const reply = await made.ask('/console', { token, fields: page });
    expect([reply.status, valueOf(reply, 'Refresh'), valueOf(reply, 'Set-Cookie')]).toEqual([
      503,
      '3',
      undefined,
    ]);
    const look = await made.desk.look(questionOf('/console/events', { token }), {}, view);
    expect(look).toEqual({ kind: 'unavailable' });
  });
});

describe('what staff see', () => {
  it('is the same as JSON, whole and in parts', async () => {
    await made.room.sessions.open(
      withLoginOrigin(user1, { address: '2001:db8::1', node: 'south' }),
      null,
      0,
    );
    const reply = await made.ask('/console/state.json', { token });
    expect(valueOf(reply, 'Cache-Control')).toBe('no-store');
    expect(valueOf(reply, 'Cross-Origin-Resource-Policy')).toBe('same-origin');
    const state = stateOf(reply);
    expect(state.staff).toEqual({ user: 'admin', directory: 'users' });
    expect(state.sessions).toMatchObject({ total: 2, user: null, skip: 0, hasMore: false });
    expect(state.sessions.shown).toEqual([
      expect.objectContaining({ user: 'admin', own: true, address: null, protected: false }),
      {
        ...{ session: 'handle-s2', user: 'user1', directory: 'users', role: 'physician' },
        groups: ['group1', 'group2'],
        ...{ actor: null, address: '2001:db8::1', node: 'south' },
        since: '2026-01-02T03:04:05.006Z',
        lastSeen: '2026-01-02T03:05:05.006Z',
        ends: '2026-01-02T15:04:05.006Z',
        // Here two, at the other node one.
        ...{ streams: 3, own: false, protected: false },
      },
    ]);
    // What a worker of this node says itself counts more than its note.
    expect(state.nodes.map(({ node, requests, state: word }) => [node, requests, word])).toEqual([
      ['?', 0, 'unknown'],
      ['north', 10, 'coherent'],
      ['south', 10, 'coherent'],
    ]);
    const { at: _, ...parts } = state;
    for (const name of ['sessions', 'nodes', 'upstreams', 'rates'] as const) {
      const part = await made.ask(`/console/${name}.json`, { token });
      expect(JSON.parse(String(part.body))).toEqual(parts[name]);
    }
    expect(JSON.stringify(state)).not.toContain(token);
  });

  it('is a page that runs its own script alone, and shows names as text', async () => {
    const name = '"><script>alert(1)</script>';
    await made.room.sessions.open(
      withLoginOrigin(person(name, '<b>'), { address: '<i>', node: '<u>' }),
      null,
      0,
    );
    const reply = await made.ask('/console', { token, fields: page });
    const body = String(reply.body);
    expect(body).not.toMatch(/<script>alert|<b>|<i>|<u>/);
    expect(body.match(/<script/g)).toHaveLength(1);
    expect(body).not.toMatch(/ style=| on[a-z]+=/);
    expect(body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(valueOf(reply, 'Content-Security-Policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^ ]+'; script-src 'sha256-[^ ]+'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  });

  it('is one user, or a page of everybody', async () => {
    for (let count = 0; count < 55; count += 1) await made.room.enter(user1);
    const first = stateOf(await made.ask('/console/state.json', { token })).sessions;
    expect([first.shown.length, first.hasMore, first.total]).toEqual([50, true, 56]);
    const next = stateOf(await made.ask('/console/state.json?skip=50', { token })).sessions;
    expect([next.shown.length, next.hasMore]).toEqual([6, false]);
    const own = stateOf(await made.ask('/console/state.json?user=admin', { token })).sessions;
    expect(own.shown.map(({ user }) => user)).toEqual(['admin']);
    // The cut after 150 may fall between the halves of a character.
    const halved = `/console/state.json?user=${encodeURIComponent(`${'x'.repeat(149)}😀`)}`;
    expect((await made.ask(halved, { token })).status).toBe(200);
    const shown = await made.ask(halved.replace('/state.json', ''), { token, fields: page });
    expect(shown.status).toBe(200);
    for (const odd of ['skip=-1', 'skip=1e9', 'skip=x']) {
      expect(stateOf(await made.ask(`/console/state.json?${odd}`, { token })).sessions.skip).toBe(
        0,
      );
    }
  });

  it('is not for pages of another port of the same host', async () => {
    const fields = { 'sec-fetch-site': 'same-site' };
    expect((await made.ask('/console/state.json', { token, fields })).status).toBe(403);
    const question = questionOf('/console/events', { token, fields });
    expect((await made.desk.look(question, {}, view)).kind).toBe('refused');
  });
});

describe('a look', () => {
  it('brings what has changed, and nothing else', async () => {
    const question = questionOf('/console/events', { token });
    const first = await made.desk.look(question, {}, view);
    if (first.kind !== 'seen') throw new Error('it is seen');
    expect(Object.keys(first.changed)).toEqual(['figures', 'sessions', 'nodes', 'upstreams']);
    const again = await made.desk.look(question, first.seen, view);
    expect(again).toEqual({ kind: 'seen', seen: first.seen, changed: {} });
    await made.room.enter(user1);
    made.clock.advance(1_000);
    const later = await made.desk.look(question, first.seen, view);
    expect(later.kind === 'seen' && Object.keys(later.changed)).toEqual(['figures', 'sessions']);
  });

  it('does not count as activity, nor does what programs read or a page that reloads itself', async () => {
    await made.desk.look(questionOf('/console/events', { token }), {}, view);
    await made.ask('/console/state.json', { token });
    const reloaded = await made.ask('/console?look=1&user=user1', { token, fields: page });
    expect(reloaded.status).toBe(200);
    expect(reloaded.body).toContain('content="10;url=/console?look=1&amp;user=user1"');
    expect(made.touched).toEqual([]);
    await made.ask('/console', { token, fields: page });
    expect(made.touched).toHaveLength(1);
  });

  it('is refused as soon as the session is over', async () => {
    made.room.sessions.live.delete(token);
    const look = await made.desk.look(questionOf('/console/events', { token }), {}, view);
    expect(look.kind === 'refused' && look.reply.status).toBe(401);
  });
});

describe('the end of sessions', () => {
  const order = (user: string, session: string, directory = 'users') => ({
    method: 'POST',
    token,
    body: JSON.stringify({ user, directory, session }),
  });

  it('is that of one, or of all of a user, and is written down', async () => {
    await made.room.enter(user1);
    await made.room.enter(user1);
    const one = await made.ask('/console/end', order('user1', 'handle-s2'));
    expect([one.status, one.body]).toEqual([200, '{"ended":1}\n']);
    await made.room.enter(user1);
    expect((await made.ask('/console/end', order('user1', 'all'))).body).toBe('{"ended":2}\n');
    const by = {
      actor: { directory: 'users', subject: 'admin' },
      target: { directory: 'users', subject: 'user1' },
      address: '192.0.2.7',
      requestId: 'r1',
    };
    expect(made.room.audited).toEqual([
      { event: 'sessions.ended', revoked: 1, ...by },
      { event: 'logout_user', revoked: 2, ...by },
    ]);
  });

  it('befalls no other staff, whatever says that they are, and is written down as refused', async () => {
    const boss = person('boss', 'staffuser');
    made.room.directories.people.push(boss, person('super', 'patient'));
    made.room.directories.superusers.add('super');
    await made.room.enter(boss);
    await made.room.enter(person('super', 'patient'));
    for (const name of ['boss', 'super']) {
      expect((await made.ask('/console/end', order(name, 'all'))).status).toBe(403);
    }
    expect(made.room.sessions.live.size).toBe(3);
    expect(made.room.audited.map(({ event, target }) => [event, target?.subject])).toEqual([
      ['logout_user.refused', 'boss'],
      ['logout_user.refused', 'super'],
    ]);
    // One's own are one's own.
    expect((await made.ask('/console/end', order('admin', 'all'))).status).toBe(200);
  });

  it('is possible while the directory is out', async () => {
    await made.room.enter(user1);
    made.room.directories.isOut = true;
    expect((await made.ask('/console/end', order('user1', 'all'))).status).toBe(200);
  });

  it('cannot be asked for by a foreign page, by GET, or with a form that was made for somebody else', async () => {
    await made.room.enter(user1);
    const json = order('user1', 'all');
    for (const fields of [
      { origin: 'http://localhost:8081' },
      { origin: 'null' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      expect((await made.ask('/console/end', { ...json, fields })).status).toBe(403);
    }
    expect((await made.ask('/console/end', { ...json, method: 'GET' })).status).toBe(405);
    const fields = {
      'content-type': 'application/x-www-form-urlencoded',
      origin: 'http://localhost:9099',
    };
    const body = 'end=all+users+user1&token=none';
    const post = { method: 'POST', token, fields, body };
    expect((await made.ask('/console/end', post)).status).toBe(403);
    const other = await made.room.enter(person('boss', 'staffuser'));
    const foreign = made.room.parts.forms.seal('session', {}, other.live.session.id, 60_000);
    const stolen = `end=all+users+user1&token=${foreign}`;
    expect((await made.ask('/console/end', { ...post, body: stolen })).status).toBe(403);
    expect(made.room.audited).toEqual([]);
    const shown = String((await made.ask('/console', { token, fields: page })).body);
    const own = /name="token" value="([^"]+)"/.exec(shown)?.[1] ?? '';
    const right = { ...post, body: `end=all+users+user1&token=${encodeURIComponent(own)}` };
    const done = await made.ask('/console/end?user=user1', right);
    expect([done.status, valueOf(done, 'Location')]).toEqual([303, '/console?ended=1&user=user1']);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['an unknown directory', '{"directory":"elsewhere","user":"user1","session":"all"}'],
  ])('is not asked for by %s', async (_what, body) => {
    const reply = await made.ask('/console/end', { method: 'POST', token, body });
    expect(reply.status).toBe(400);
    expect(made.room.audited).toEqual([]);
  });

  it('has to say of whom', async () => {
    const body = '{"directory":"users","session":"all"}';
    expect((await made.ask('/console/end', { method: 'POST', token, body })).status).toBe(422);
  });
});
