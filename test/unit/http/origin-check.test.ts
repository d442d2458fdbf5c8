import { describe, expect, it } from 'vitest';
import { isOwnOrigin, type OriginClaims } from '../../../src/http/origin-check.ts';

const claims: OriginClaims = {
  origin: undefined,
  secFetchSite: undefined,
  isSecure: false,
  host: 'app.example.org:8081',
  allowedOrigins: ['https://other.example.org'],
};
const check = (more: Partial<OriginClaims>): boolean => isOwnOrigin({ ...claims, ...more });

describe('the origin check', () => {
  it('lets a client pass that is no browser', () => {
    expect(check({})).toBe(true);
  });

  it.each(['same-origin', 'none'])('lets Sec-Fetch-Site: %s pass', (secFetchSite) => {
    expect(check({ secFetchSite })).toBe(true);
  });

  it.each(['cross-site', 'same-site', '', 'SAME-ORIGIN', 'none, none'])(
    'refuses Sec-Fetch-Site: %s',
    (secFetchSite) => {
      expect(check({ secFetchSite })).toBe(false);
    },
  );

  it('lets the own origin pass', () => {
    expect(check({ origin: 'http://app.example.org:8081' })).toBe(true);
    expect(check({ origin: 'http://app.example.org:8081', secFetchSite: 'same-origin' })).toBe(
      true,
    );
  });

  it.each([
    'null',
    '',
    'http://app.example.org',
    'https://app.example.org:8081',
    'http://app.example.org:8081.evil.example',
    'http://evil.example',
    'http://app.example.org:8081/',
    'http://app.example.org:8081 http://evil.example',
  ])('refuses Origin: %s', (origin) => {
    expect(check({ origin })).toBe(false);
  });

  it('refuses an own origin that Sec-Fetch-Site contradicts', () => {
    expect(check({ origin: 'http://app.example.org:8081', secFetchSite: 'cross-site' })).toBe(
      false,
    );
  });

  it('refuses a foreign origin that Sec-Fetch-Site calls own', () => {
    expect(check({ origin: 'http://evil.example', secFetchSite: 'same-origin' })).toBe(false);
  });

  it('lets an allowed origin pass, which is cross-site by nature', () => {
    expect(check({ origin: 'https://other.example.org', secFetchSite: 'cross-site' })).toBe(true);
  });

  it("leaves the scheme's own port out, as browsers do", () => {
    expect(check({ origin: 'http://a.example', host: 'a.example:80' })).toBe(true);
    expect(check({ origin: 'https://a.example', host: 'a.example:443', isSecure: true })).toBe(
      true,
    );
    expect(check({ origin: 'https://a.example', host: 'a.example:80', isSecure: true })).toBe(
      false,
    );
  });

  it('finds no own origin in a request without a host', () => {
    expect(check({ origin: 'http://', host: '' })).toBe(false);
    expect(check({ origin: 'null', host: '' })).toBe(false);
  });
});
