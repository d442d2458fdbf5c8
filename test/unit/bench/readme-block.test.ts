import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { latestResultPath, readResult } from '../../../bench/readme/latest-result.ts';
import { readmeBlock, withBlock } from '../../../bench/readme/readme-block.ts';
import { readmeChart } from '../../../bench/readme/readme-chart.ts';
import { benchResult } from '../../support/bench-result.ts';

const root = join(import.meta.dirname, '../../..');

describe('the figures of the README', () => {
  it('are those of the newest result, and so is the picture', () => {
    const latest = readResult(latestResultPath());
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toBe(withBlock(readme, readmeBlock(latest)));
    expect(readFileSync(join(root, 'docs/bench.svg'), 'utf8')).toBe(readmeChart(latest));
  });

  it('show the headline from the cheapest on, ratios with their spread, and where Portcullis loses', () => {
    const block = readmeBlock(benchResult);
    expect(block).toMatch(
      /\| NGINX without authentication \| 17\.1 \(16\.1–18\.6\) \|.*\n\| a blind/,
    );
    expect(block).toContain('| Portcullis ÷ NGINX with auth\\_request | 0.59 (0.56–0.65) | 0.6 |');
    expect(block).toContain(
      'Where Portcullis loses: Portcullis ÷ NGINX without authentication 1.58; Portcullis ÷ a blind relay 1.72.',
    );
    expect(block).toContain('Not measured here: Caddy with forward\\_auth.');
    // Whoever answered wrong has no figures to show.
    expect(block).not.toContain('njs');
  });

  it('say what stands between a limit and the figure that missed it', () => {
    const missed = {
      ...{ scenario: 'small-get', name: 'Portcullis ÷ node:http and undici' },
      ...{ figure: 'cpuMicrosPerRequest' as const, numerator: 'portcullis' },
      ...{ denominator: 'node-undici', median: 0.38, ofMedians: 0.38, least: 0.3, most: 0.4 },
      ...{ limit: 0.35, aim: null, isMet: false },
    };
    const rows = benchResult.rows.map((row) => ({
      ...row,
      rounds: row.rounds.map((round) => ({ ...round, kernelMicrosPerRequest: 15.5 })),
    }));
    const block = readmeBlock({ ...benchResult, rows, ratios: [missed] });
    expect(block).toContain(
      'Limits that are missed: Portcullis ÷ node:http and undici: 0.38, at most 0.35; the relay in its place would be 0.28; of Portcullis’s 27.0 µs, 15.5 are the kernel’s.',
    );
    // What is no comparison with somebody else is missed all the same.
    const own = { ...missed, name: 'access log on ÷ off', numerator: 'portcullis-access-log' };
    expect(readmeBlock({ ...benchResult, rows, ratios: [own] })).toContain(
      'Limits that are missed: access log on ÷ off: 0.38, at most 0.35.',
    );
    // Results that do not know the kernel's part, and limits that are all met, say less.
    expect(readmeBlock({ ...benchResult, ratios: [missed] })).not.toContain('the kernel’s');
    expect(readmeBlock({ ...benchResult, ratios: [] })).not.toContain('Limits that are missed');
  });

  it('change only what stands between the marks', () => {
    const around =
      'a\n<!-- bench: written by `npm run bench:readme` -->\nold\n<!-- /bench -->\nb\n';
    expect(withBlock(around, 'new\n')).toBe(around.replace('old', 'new'));
    expect(() => withBlock('no marks', 'new')).toThrow('no marks');
  });
});
