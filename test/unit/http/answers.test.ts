import { describe, expect, it } from 'vitest';
import {
  answerTable,
  situationOfStatus,
  situationOfToken,
  type Situation,
} from '../../../src/http/answer-table.ts';
import { Answers, type AnswerMode } from '../../../src/http/answers.ts';
import type { Reply } from '../../../src/http/reply.ts';
import { Pages } from '../../../src/pages/pages.ts';
import { pagesConfig } from '../../support/pages-config.ts';
import { SessionCookie } from '../../../src/http/set-cookie.ts';

const cookie = new SessionCookie({ name: null, path: '/', sameSite: 'Lax', maxAgeMs: 0 });
const pages = new Pages(pagesConfig, { home: '/', returnHosts: [] });
const modern = new Answers('modern', cookie, pages);
const tyke = new Answers('tyke', cookie, pages);
const api = { isSecure: false, wantsHtml: false };
const browser = { isSecure: false, wantsHtml: true };
const situations = Object.keys(answerTable) as Situation[]; // keys of a literal

function valueOf(reply: Reply, name: string): string | undefined {
  return reply.fields.find(([key]) => key === name)?.[1];
}

describe('answers of our own', () => {
  it.each<[Situation, number, string]>([
    ['noCookie', 403, "Couldn't find the authcookie"],
    ['duplicateCookie', 403, 'Cookie invalid'],
    ['malformedToken', 403, 'Cookie invalid'],
    ['forgedToken', 403, 'Cookie invalid'],
    ['unknownSession', 403, 'Invalid session'],
    ['expiredSession', 403, 'Invalid session'],
    ['revokedSession', 403, 'Invalid session'],
    ['forbidden', 403, 'Not allowed'],
    ['unknownPathAnonymous', 403, "Couldn't find the authcookie"],
    ['unknownPathMember', 403, 'Not allowed'],
    ['unknownPathStaff', 404, 'Not found'],
    ['loginRejected', 403, 'invalid user'],
    ['bodyMalformed', 400, 'The request body was malformed.'],
    ['bodyIncomplete', 422, 'The request body was invalid.'],
    ['logoutOk', 200, 'Goodbye.'],
    ['notAllowed', 403, 'Not allowed'],
    ['validated', 200, 'you good'],
  ])('say under tyke what Tyke said: %s', (situation, status, body) => {
    for (const asking of [api, browser]) {
      const reply = tyke.answer(situation, asking);
      expect(reply).toMatchObject({ status, body });
      expect(valueOf(reply, 'Content-Type')).toBe('text/plain; charset=UTF-8');
      expect(valueOf(reply, 'WWW-Authenticate')).toBeUndefined();
    }
  });

  it.each<[Situation, number, string]>([
    ['noCookie', 401, 'unauthenticated'],
    ['duplicateCookie', 401, 'unauthenticated'],
    ['forgedToken', 401, 'unauthenticated'],
    ['expiredSession', 401, 'unauthenticated'],
    ['forbidden', 403, 'forbidden'],
    ['unavailable', 503, 'unavailable'],
    ['unknownPathAnonymous', 401, 'unauthenticated'],
    ['unknownPathMember', 404, 'not_found'],
    ['unknownPathStaff', 404, 'not_found'],
    ['loginRejected', 401, 'invalid_credentials'],
    ['loginThrottled', 429, 'throttled'],
    ['userinfoTooLarge', 500, 'userinfo_too_large'],
    ['userinfoUnencodable', 500, 'userinfo_unencodable'],
    ['crossSite', 403, 'cross_site'],
  ])('say under modern in JSON what went wrong: %s', (situation, status, error) => {
    const reply = modern.answer(situation, api);
    expect(reply.status).toBe(status);
    expect(JSON.parse(String(reply.body))).toEqual({ error });
    expect(valueOf(reply, 'Content-Type')).toBe('application/json');
  });

  it('carry a challenge with every 401 and with nothing else', () => {
    const bearerChallenges = new Map<string, string>([
      ['noBearer', 'Bearer realm="portcullis"'],
      ['tokenRefused', 'Bearer realm="portcullis"'],
      ['bearerRefused', 'Bearer realm="portcullis", error="invalid_token"'],
    ]);
    for (const answers of [modern, tyke]) {
      for (const situation of situations) {
        for (const asking of [api, browser]) {
          const reply = answers.answer(situation, asking);
          const wanted = bearerChallenges.get(situation) ?? 'Cookie realm="portcullis"';
          const challenge = reply.status === 401 ? wanted : undefined;
          expect(valueOf(reply, 'WWW-Authenticate')).toBe(challenge);
        }
      }
    }
  });

  it('are kept by no cache, whatever the situation', () => {
    for (const mode of ['modern', 'tyke'] as const satisfies AnswerMode[]) {
      for (const situation of situations) {
        const reply = new Answers(mode, cookie, pages).answer(situation, api);
        expect(valueOf(reply, 'Cache-Control')).toBe('no-store');
      }
    }
  });

  it('have only printable ASCII in their fields', () => {
    for (const answers of [modern, tyke]) {
      for (const situation of situations) {
        for (const [name, value] of answers.answer(situation, browser).fields) {
          expect(name).toMatch(/^[A-Za-z-]+$/);
          expect(value).toMatch(/^[\x20-\x7e]+$/);
        }
      }
    }
  });

  it('clear a worthless cookie, under the name that the connection has for it', () => {
    const cleared = new Set<string>([
      'duplicateCookie',
      'loginRejected',
      'logoutOk',
      ...Object.values(situationOfToken),
    ]);
    for (const situation of situations) {
      if (situation === 'alreadyLoggedOut') continue;
      for (const answers of [modern, tyke]) {
        const clear = valueOf(answers.answer(situation, api), 'Set-Cookie');
        const secure = valueOf(answers.answer(situation, { ...api, isSecure: true }), 'Set-Cookie');
        const isCleared = cleared.has(situation);
        expect(clear, situation).toBe(isCleared ? cookie.clearing(false) : undefined);
        expect(secure, situation).toBe(isCleared ? cookie.clearing(true) : undefined);
      }
    }
  });

  it('never touch the cookie in an outage, and say when to come again', () => {
    for (const answers of [modern, tyke]) {
      const reply = answers.answer('unavailable', api);
      expect(reply.status).toBe(503);
      expect(reply.body).toBe('{"error":"unavailable"}');
      expect(valueOf(reply, 'Retry-After')).toBe('1');
      expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
    }
  });

  it('are pages where somebody looks at them, but only under modern', () => {
    const page = modern.answer('noCookie', browser);
    expect(page.status).toBe(401);
    expect(valueOf(page, 'Content-Type')).toBe('text/html; charset=utf-8');
    expect(valueOf(page, 'Content-Security-Policy')).toContain("default-src 'none'");
    expect(page.body).toContain('<h1>Please log in</h1>');
    expect(valueOf(tyke.answer('noCookie', browser), 'Content-Type')).toContain('text/plain');
  });

  it('tell somebody who logs out without a session that it is done', () => {
    expect(modern.answerAtLogout('noCookie', api).status).toBe(401);
    const page = modern.answerAtLogout('expiredSession', browser);
    expect(page.status).toBe(200);
    expect(page.body).toContain('You are logged out');
    expect(tyke.answerAtLogout('noCookie', browser).status).toBe(403);
    expect(modern.answerAtLogout('unavailable', browser).status).toBe(503);
  });

  it('are made once where they do not vary', () => {
    expect(modern.answer('forgedToken', api)).toBe(modern.answer('forgedToken', { ...api }));
    expect(Object.isFrozen(modern.answer('forgedToken', api))).toBe(true);
  });

  it('put facts into texts and JSON without reading anything into them', () => {
    const facts = { username: 'a$&{role}"<b>', role: 'r', revoked: 2 };
    expect(tyke.tell('loginOk', api, facts).body).toBe('HELLO a$&{role}"<b>');
    expect(modern.tell('loginOk', api, facts).body).toBe('{"username":"a$&{role}\\"<b>"}');
    expect(modern.tell('userLoggedOutJson', api, facts).body).toContain('"revoked":2');
  });

  it('leave out of JSON what is not known', () => {
    const reply = modern.tell('sessionShown', api, { session: 's', actor: undefined });
    expect(reply.body).toBe('{"session":"s"}');
  });

  it('put further fields at the end', () => {
    const reply = tyke.tell('logoutOk', api, {}, [['X-UserInfo', 'a:b:']]);
    expect(reply.fields.at(-1)).toEqual(['X-UserInfo', 'a:b:']);
  });
});

describe('a status alone', () => {
  it.each([400, 404, 405, 408, 411, 413, 414, 417, 421, 431, 500, 501, 502, 503, 504, 505])(
    'has an answer of that status: %i',
    (status) => {
      for (const answers of [modern, tyke]) {
        const reply = answers.answer(situationOfStatus(status), api);
        expect(reply.status).toBe(status);
        expect(valueOf(reply, 'Set-Cookie')).toBeUndefined();
      }
    },
  );

  it('says which methods there are where one is not allowed', () => {
    expect(valueOf(modern.answer('methodNotAllowed', api), 'Allow')).toContain('GET');
  });

  it('falls back to the general answer of its class', () => {
    expect(situationOfStatus(418)).toBe('badRequest');
    expect(situationOfStatus(599)).toBe('internalError');
  });
});
