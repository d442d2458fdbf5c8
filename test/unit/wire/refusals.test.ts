import { METHODS, STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { canonicalTarget } from '../../../src/http/request-target.ts';
import { REFUSAL_STATUS, refusalOfTarget } from '../../../src/wire/refusals.ts';

describe('a refusal', () => {
  it.each(Object.entries(REFUSAL_STATUS))(
    '%s has a status that blames the request or what we speak: %i',
    (_, status) => {
      expect(STATUS_CODES).toHaveProperty(String(status));
      expect(status === 501 || status === 505 || (status >= 400 && status < 500)).toBe(true);
    },
  );

  it('has a name that is fit for a label', () => {
    for (const reason of Object.keys(REFUSAL_STATUS))
      expect(reason).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
  });

  it.each([
    ['version', 505],
    ['method-unknown', 501],
    ['coding-unknown', 501],
    ['method-forbidden', 405],
    ['target-too-long', 414],
    ['head-too-large', 431],
    ['fields-too-many', 431],
    ['trailer-too-large', 431],
    ['body-too-large', 413],
    ['chunk-extension', 413],
    ['expect', 417],
    ['host-misdirected', 421],
    ['head-timeout', 408],
    ['body-timeout', 408],
    ['peer-untrusted', 403],
    ['not-described', 403],
    ['target-not-canonical', 403],
    ['handshake-unsound', 403],
  ] as const)('for %s is %i, every other one 400', (reason, status) => {
    expect(REFUSAL_STATUS[reason]).toBe(status);
  });

  it('is 400 where nothing says otherwise', () => {
    expect(Object.values(REFUSAL_STATUS).filter((status) => status !== 400)).toHaveLength(18);
  });

  it('of a target has the name of its problem', () => {
    const problem = canonicalTarget('/%', false);
    expect(typeof problem === 'string' && refusalOfTarget(problem)).toBe('path-percent');
    expect(METHODS).not.toContain('path-percent');
  });
});
