import { describe, expect, it } from 'vitest';
import { Document } from '../support/document.ts';
import { packageScripts } from '../support/package-scripts.ts';

const { text } = Document.read('SECURITY.md');
const runs = text.slice(
  text.indexOf('## How it is attacked here'),
  text.indexOf('## Out of scope'),
);
const [, soak = ''] = /^- `npm run soak`(.*?)\n\n/ms.exec(runs) ?? [];

/** The number before these words. */
function figure(words: string): number {
  const [, digits] = new RegExp(`([\\d,.]+) ${words}`).exec(soak.replaceAll(/\s+/g, ' ')) ?? [];
  if (digits === undefined) throw new Error(`no figure of ${words}`);
  return Number(digits.replaceAll(',', ''));
}

describe('what SECURITY.md says of the last runs', () => {
  it('is of fuzz, chaos and soak, each with figures and a script that there is', () => {
    const entries = runs.split(/^- /m).slice(1);
    const named = entries.map((entry) => /^`npm run ([\w:]+)`/.exec(entry)?.[1] ?? '');
    expect(named).toEqual(['fuzz', 'chaos', 'soak']);
    for (const entry of entries) expect(entry).toMatch(/\d{1,3}(?:,\d{3})+/);
    for (const name of named) expect(packageScripts()).toHaveProperty([name]);
  });

  it('adds up: the parts of the soak are its requests', () => {
    const words = ['logins, each', 'on HTTP/1\\.1', 'on HTTP/2', 'messages of WebSockets'];
    const parts = words.map(figure);
    expect(parts.reduce((sum, part) => sum + part, 0)).toBe(figure('requests \\('));
    expect(figure('without the right answer')).toBe(0);
  });

  it('is of a soak as long as is asked for, and within its limits', () => {
    expect(figure('minutes in 12')).toBeGreaterThanOrEqual(30);
    const times = [...soak.matchAll(/× (\d\.\d\d)/g)].map(([, factor]) => Number(factor));
    expect(times).toHaveLength(4);
    const [slower = 9] = times.splice(-1);
    for (const factor of times) expect(factor).toBeLessThanOrEqual(1.1);
    expect(slower).toBeLessThanOrEqual(1.5);
  });
});
