import { describe, expect, it } from 'vitest';
import { load, problemsOf, smallest } from '../../support/config-file.ts';

describe('the audit section', () => {
  it('switches the audit log on, beside the configuration unless it says otherwise', () => {
    expect(load(`${smallest}audit: {}\n`).audit).toEqual({
      isEnabled: true,
      path: '-',
      onFailure: 'continue',
    });
    const { path } = load(`${smallest}audit: {path: a.log, onFailure: stop}\n`).audit;
    expect(path).toMatch(/^\/.*\/a\.log$/);
  });

  it('cannot make logins wait for what nobody can tell', () => {
    expect(problemsOf(`${smallest}audit: {onFailure: stop}\n`)).toEqual([
      expect.stringContaining('audit.onFailure: is stop, but nobody can tell'),
    ]);
  });
});
