import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalFieldName, FieldId, FieldNames, isToken } from '../../../src/http/field-names.ts';

const TOKEN_CHARS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const described = (spelling: string) => {
  const name = new FieldNames(['X-UserInfo', 'Remote_Groups']).of(spelling);
  if (name === null) throw new Error(`${spelling} is no name`);
  return name;
};

describe('a token (RFC 9110 §5.6.2)', () => {
  it('has the 77 characters of the grammar and no other octet', () => {
    const allowed = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter(
      isToken,
    );
    expect(allowed.toSorted()).toEqual([...TOKEN_CHARS].toSorted());
  });

  it('is not empty', () => {
    expect(isToken('')).toBe(false);
  });

  it.each(['a b', 'a:', ' a', 'a ', 'a\0', 'a\r', '\xe9', '\u0141', 'a(b)', 'a/b'])(
    'is not %j',
    (text) => {
      expect(isToken(text)).toBe(false);
    },
  );
});

describe('the canonical form of a field name', () => {
  it.each(['X-UserInfo', 'X_UserInfo', 'x.userinfo', 'X~USERINFO', 'x`userinfo', 'X!UserInfo'])(
    'is the same for %s',
    (spelling) => {
      expect(canonicalFieldName(spelling)).toBe('x-userinfo');
    },
  );

  it('is a fixed point', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const canonical = canonicalFieldName(name);
        expect(canonicalFieldName(canonical)).toBe(canonical);
        expect(canonical).toMatch(/^[a-z0-9-]*$/);
      }),
    );
  });
});

describe('what is known of a field name', () => {
  it('is null for what is no token', () => {
    const names = new FieldNames([]);
    for (const spelling of ['', 'a b', 'a ', '\xe9', 'a\0b']) expect(names.of(spelling)).toBeNull();
  });

  it.each([
    ['HOST', FieldId.host],
    ['Content-Length', FieldId.contentLength],
    ['transfer-encoding', FieldId.transferEncoding],
    ['Connection', FieldId.connection],
    ['Proxy-Connection', FieldId.proxyConnection],
    ['Cookie', FieldId.cookie],
    ['Expect', FieldId.expect],
    ['Authorization', FieldId.authorization],
    ['Set-Cookie', FieldId.setCookie],
    ['Cache-Control', FieldId.cacheControl],
    ['X-HTTP-Method-Override', FieldId.methodOverride],
    ['X-HTTP-Method', FieldId.methodOverride],
    ['x-method-override', FieldId.methodOverride],
    ['Content_Length', FieldId.other],
    ['__proto__', FieldId.other],
    ['constructor', FieldId.other],
  ])('tells %s by its number, whatever the case', (spelling, id) => {
    expect(described(spelling).id).toBe(id);
  });

  it('keeps the spelling and has the lower case beside it', () => {
    expect(described('X-oDD')).toMatchObject({ raw: 'X-oDD', lower: 'x-odd' });
  });

  it.each([
    'Connection',
    'keep-alive',
    'Proxy-Connection',
    'Proxy-Authenticate',
    'Proxy-Authorization',
    'TE',
    'Trailer',
    'Transfer-Encoding',
    'Upgrade',
    'HTTP2-Settings',
    'Proxy',
  ])('says that %s belongs to one connection (RFC 9110 §7.6.1)', (spelling) => {
    expect(described(spelling).isHopByHop).toBe(true);
  });

  it.each(['Host', 'Content-Length', 'Cookie', 'Date', 'Trailers'])(
    'lets %s pass a hop',
    (spelling) => {
      expect(described(spelling).isHopByHop).toBe(false);
    },
  );

  it.each([
    'X-UserInfo',
    'x_userinfo',
    'Remote-Groups',
    'remote.groups',
    'X-Request-Id',
    'Forwarded',
    'X-Real-IP',
    'X-Original-URL',
    'X-Original-Uri',
    'X-Original-Method',
    'X-Rewrite-URL',
    'Client-IP',
    'True-Client-IP',
    'X-Forwarded-For',
    'X_Forwarded_Host',
    'X-Forwarded-Ssl-Client-Cert',
    'X-Forwarded-Anything',
  ])('says that %s is ours', (spelling) => {
    expect(described(spelling).isManaged).toBe(true);
  });

  it.each(['X-User', 'X-UserInfos', 'Forward', 'X-Forwarded', 'Cookie'])(
    'says that %s is not ours',
    (spelling) => {
      expect(described(spelling).isManaged).toBe(false);
    },
  );

  it.each([
    ['X-A1', true],
    ['X_A', false],
    ['X.A', false],
    ['a~', false],
  ])('says whether %s is plain: %s', (spelling, isPlain) => {
    expect(described(spelling).isPlain).toBe(isPlain);
  });

  it('is made once for each spelling', () => {
    const names = new FieldNames([]);
    expect(names.of('Accept')).toBe(names.of('Accept'));
    expect(names.of('Accept')).not.toBe(names.of('accept'));
  });

  it('is made afresh past the bound, so that invented names cost no memory', () => {
    const names = new FieldNames([], 2);
    const first = names.of('a');
    names.of('b');
    expect(names.of('c')).not.toBe(names.of('c'));
    expect(names.of('c')).toEqual(names.of('c'));
    expect(names.of('a')).toBe(first);
  });

  it('is not kept for a long spelling, which nobody but an attacker sends', () => {
    const names = new FieldNames([]);
    const longest = 'a'.repeat(64);
    expect(names.of(longest)).toBe(names.of(longest));
    for (const spelling of ['a'.repeat(65), 'N'.repeat(16_000)]) {
      expect(names.of(spelling)).not.toBe(names.of(spelling));
      expect(names.of(spelling)).toEqual(names.of(spelling));
    }
  });

  it('leaves the places of short spellings to them when long ones come first', () => {
    const names = new FieldNames([], 1);
    names.of('a'.repeat(65));
    expect(names.of('a')).toBe(names.of('a'));
  });

  it.each(['Sec-Fetch-Mode', 'sec-fetch-mode', 'Cookie', 'user-agent', 'ETag'])(
    'keeps %s, whatever has been invented to take its place',
    (usual) => {
      const names = new FieldNames([]);
      const middle = usual.length >> 1;
      for (let number = 0; number < 100; number++) {
        const letters = [...usual].map((letter, at) =>
          at === 0 || at === middle || at === usual.length - 1
            ? letter
            : String.fromCharCode(97 + ((number * (at + 3)) % 26)),
        );
        names.of(letters.join(''));
      }
      expect(names.of(usual)).toBe(names.of(usual));
    },
  );
});
