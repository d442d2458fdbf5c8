import { describe, expect, it } from 'vitest';
import { lane } from '../support/lane.ts';
import { request } from '../support/request.ts';
import { bothAnswers, useScene } from '../support/scene.ts';

const separators = "!#$%&'*+.^_|~`".split('');
const managed = [
  ...['X-UserInfo', 'X-Request-Id', 'Forwarded', 'X-Real-Ip', 'Client-Ip', 'True-Client-Ip'],
  ...['X-Original-Url', 'X-Original-Uri', 'X-Original-Method'],
  ...['X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Forwarded-Port'],
  ...['X-Forwarded-Prefix', 'X-Forwarded-Uri', 'X-Forwarded-Method', 'X-Forwarded-Server'],
  ...['X-Forwarded-Ssl-Client-Verify', 'X-Forwarded-Client-Cert'],
];
const canonical = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');

describe.each(bothAnswers)('P17: no spelling of a managed field passes, under %s', (answers) => {
  const scene = useScene({ answers });

  it.each(separators)('X%sUserInfo is removed', async (separator) => {
    const lines = [`Cookie: ${scene.cookie}`, `X${separator}UserInfo: root`, 'X-UserInfo: root'];
    const received = await scene.passes(request('GET', '/api/x', lines));
    const named = received.fields.filter(([name]) => canonical(name) === 'x-userinfo');
    expect(named).toHaveLength(1);
    expect(named[0]?.[1]).toContain('user1');
    expect(received.head).not.toContain('root');
  });

  it.each(managed)('%s is removed in all its spellings', async (name) => {
    const spellings = [name, name.toUpperCase(), name.replaceAll('-', '_'), name.replace('-', '.')];
    const lines = spellings.map((spelling) => `${spelling}: from-the-client`);
    const received = await scene.passes(request('GET', '/public/x', lines));
    expect(received.head).not.toContain('from-the-client');
  });

  it('nobody gets an X-UserInfo past a route that needs no session', async () => {
    const lines = ['X-UserInfo: root', 'X_UserInfo: root', 'x-userinfo: root'];
    const received = await scene.passes(request('GET', '/public/x', lines));
    expect(received.head.toLowerCase()).not.toContain('userinfo');
  });

  it.each(separators)('other names with %s are dropped', async (separator) => {
    const received = await scene.passes(request('GET', '/public/x', [`X${separator}Y: odd`]));
    expect(received.head).not.toContain('odd');
  });

  it('ordinary fields pass as they are, in their order', async () => {
    const lines = ['Accept: */*', 'X-Custom: 1', 'x-lower: 2', 'X-Custom: 3', 'Empty:'];
    const received = await scene.passes(request('GET', '/public/x', lines));
    const names = received.fields.map(([name, value]) => `${name}: ${value}`.trim());
    const sent = lane === 'http2' ? lines.map((line) => line.toLowerCase()) : lines;
    expect(names.filter((line) => sent.includes(line))).toEqual(sent);
  });

  it('exactly one request id of 32 hexadecimal digits is ours', async () => {
    const lines = ['X-Request-Id: from-the-client', 'x_request_id: from-the-client'];
    const received = await scene.passes(request('GET', '/public/x', lines));
    expect(received.values('x-request-id')).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});

describe('P17: names that a route keeps', () => {
  const scene = useScene({
    routes: [{ path: '/public/kept/', auth: 'none', upstream: 'app', keepFields: ['X_Keep'] }],
  });

  it('pass in exactly that spelling', async () => {
    const lines = ['X_Keep: kept', 'X_Other: odd', 'X.Keep: odd'];
    const received = await scene.passes(request('GET', '/public/kept/x', lines));
    expect(received.values('x_keep')).toEqual(['kept']);
    expect(received.head).not.toContain('odd');
  });

  it('pass on no other route', async () => {
    const received = await scene.passes(request('GET', '/public/x', ['X_Keep: odd']));
    expect(received.head).not.toContain('odd');
  });
});

describe('P17: a configured identity field', () => {
  const scene = useScene({ sections: { identity: { field: 'X-Me' } } });

  it('is managed in every spelling, and so is X-UserInfo', async () => {
    const names = ['X-Me', 'X_Me', 'x.me', 'X-UserInfo', 'X_UserInfo'];
    const lines = [`Cookie: ${scene.cookie}`, ...names.map((name) => `${name}: root`)];
    const received = await scene.passes(request('GET', '/api/x', lines));
    expect(received.head).not.toContain('root');
    expect(received.values('x-me')).toEqual([expect.stringContaining('user1')]);
    expect(received.head.toLowerCase()).not.toContain('userinfo:');
  });
});

describe('P17: a strict listener', () => {
  const scene = useScene({ edge: { strict: true } });

  it.each(['X_UserInfo', 'X.UserInfo', 'X_Custom', 'X~Y'])('refuses %s with 400', async (name) => {
    await scene.refuses(request('GET', '/public/x', [`${name}: a`]), 400);
  });

  it('serves ordinary names', async () => {
    await scene.passes(request('GET', '/public/x', ['X-Custom: a']));
  });
});
