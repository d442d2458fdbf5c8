import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeReturnTarget } from '../../../src/http/return-target.ts';

const hosts = ['app.example', 'app.example:8443'];

/** Targets made of the pieces that attacks are made of. */
const piece = fc.constantFrom(
  ...['/', '\\', '//', '%2f', '%5c', '%09', '%0a', '%0d', '%00', '%20', '..', '.', '@', ':', '#'],
  ...['?', '&', ';', 'a', 'evil.example', 'https:', 'javascript:', 'http:', 'app.example', '\t'],
  ...[' ', '\n', 'é', '%', '%2', '%252f', '[', '8443'],
);
const target = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));

describe('a return target', () => {
  it('leads to this site or to an allowed host, for the parser that browsers have, also decoded once', () => {
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.oneof(
          target,
          target.map((rest) => `/${rest}`),
        ),
        (text) => {
          const safe = safeReturnTarget(text, hosts);
          if (safe === null) return;
          accepted++;
          expect(safe).toBe(text);
          expect(safe).toMatch(/^[\x21-\x7e]+$/);
          const decoded = safe.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
            String.fromCharCode(Number.parseInt(hex, 16)),
          );
          for (const spelling of [safe, decoded]) {
            const { origin } = new URL(spelling, 'https://own.example/auth/login');
            expect([
              'https://own.example',
              'https://app.example',
              'https://app.example:8443',
            ]).toContain(origin);
          }
        },
      ),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
