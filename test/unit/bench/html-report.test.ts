import { describe, expect, it } from 'vitest';
import { axisStep } from '../../../bench/report/bar-chart.ts';
import { figureText } from '../../../bench/report/figure-text.ts';
import { markup } from '../../../bench/report/markup.ts';
import { htmlReport } from '../../../bench/report/write-html-report.ts';
import { benchResult } from '../../support/bench-result.ts';

describe('the page of a result', () => {
  const page = htmlReport(benchResult);

  it('escapes what it is given, in text, in attributes and in pictures', () => {
    expect(page).not.toMatch(/<script|<img|<of>/);
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(markup`<a b="${`"><i>'`}">${['&', markup`<i>`]}`.text).toBe(
      '<a b="&quot;&gt;&lt;i&gt;&#39;">&amp;<i>',
    );
  });

  it('loads nothing', () => {
    expect(page).not.toMatch(/(?:src|href)="(?!#)|url\((?!#)|@import/);
  });

  it('says who was not kept busy, who is missing with the command, and who answered wrong', () => {
    expect(page).toContain('Portcullis *');
    expect(page).toContain('<code>apt-get install caddy</code>');
    expect(page).toContain('WRONG: a spoofed identity');
  });

  it('can be made of a result that has next to nothing', () => {
    const bare = { ...benchResult, rows: [], ratios: [], missing: [], extra: {} };
    expect(htmlReport({ ...bare, configurations: {} })).toContain('Measure it yourself');
    const broken = { coherence: { missing: 'no redis-server' }, storm: 1, memory: null };
    expect(htmlReport({ ...bare, extra: broken })).toContain('no redis-server');
  });
});

describe('a figure', () => {
  it('has as many digits as say something', () => {
    expect([0.123, 9.876, 27.04, 110.4, 58_480.1, null].map(figureText)).toEqual([
      ...['0.12', '9.88', '27.0', '110', '58,480', '–'],
    ]);
  });

  it('stands on an axis of three to six steps', () => {
    for (const most of [0.37, 1, 4.4, 27, 119, 1_000, 87_000]) {
      const steps = most / axisStep(most);
      expect(steps).toBeGreaterThanOrEqual(2);
      expect(steps).toBeLessThanOrEqual(6);
    }
  });
});
