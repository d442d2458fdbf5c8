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

  it('change only what stands between the marks', () => {
    const around =
      'a\n<!-- bench: written by `npm run bench:readme` -->\nold\n<!-- /bench -->\nb\n';
    expect(withBlock(around, 'new\n')).toBe(around.replace('old', 'new'));
    expect(() => withBlock('no marks', 'new')).toThrow('no marks');
  });
});
