import { describe, expect, it } from 'vitest';
import { cookieNameFor, SessionCookie, type CookieSettings } from '../../../src/http/set-cookie.ts';

const settings: CookieSettings = { name: null, path: '/', sameSite: 'Lax', maxAgeMs: 0 };

describe('the session cookie', () => {
  it('is a __Host- cookie on TLS and a plain one in the clear', () => {
    expect(cookieNameFor(settings, true)).toBe('__Host-portcullis');
    expect(cookieNameFor(settings, false)).toBe('portcullis');
  });

  it('keeps a configured name on both kinds of connection', () => {
    const cookie = new SessionCookie({ ...settings, name: 'tyke_auth' });
    expect(cookie.nameFor(true)).toBe('tyke_auth');
    expect(cookie.nameFor(false)).toBe('tyke_auth');
  });

  it('is HttpOnly, SameSite and for the whole site, and Secure where the connection is', () => {
    const cookie = new SessionCookie(settings);
    expect(cookie.setting('t0k3n', false)).toBe('portcullis=t0k3n; Path=/; HttpOnly; SameSite=Lax');
    expect(cookie.setting('t0k3n', true)).toBe(
      '__Host-portcullis=t0k3n; Path=/; HttpOnly; SameSite=Lax; Secure',
    );
  });

  it('lives as long as is configured, rounded up to whole seconds', () => {
    const cookie = new SessionCookie({ ...settings, maxAgeMs: 1_500 });
    expect(cookie.setting('t', false)).toBe(
      'portcullis=t; Path=/; Max-Age=2; HttpOnly; SameSite=Lax',
    );
  });

  it('is removed with the path and the protection with which it was set', () => {
    const cookie = new SessionCookie({
      ...settings,
      path: '/app',
      sameSite: 'Strict',
      maxAgeMs: 5_000,
    });
    expect(cookie.clearing(false)).toBe(
      'portcullis=; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; HttpOnly; SameSite=Strict',
    );
    expect(cookie.clearing(true)).toMatch(/^__Host-portcullis=; .*; Secure$/);
  });

  it("of the console has names of its own, which are no application's either", () => {
    const desk = new SessionCookie({ ...settings, sameSite: 'Strict' }, '-console');
    expect(desk.nameFor(true)).toBe('__Host-portcullis-console');
    expect(desk.setting('t', false)).toBe(
      'portcullis-console=t; Path=/; HttpOnly; SameSite=Strict',
    );
    const edge = new SessionCookie(settings, '', desk.names);
    for (const name of desk.names) {
      expect(edge.aliasesFor(false)).toContain(name);
      expect(edge.aliasesFor(true)).toContain(name);
    }
    expect(desk.names.some((name) => new SessionCookie(settings).names.includes(name))).toBe(false);
  });
});
