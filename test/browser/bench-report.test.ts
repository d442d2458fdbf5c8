import { createRequire } from 'node:module';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { writeHtmlReport } from '../../bench/report/write-html-report.ts';
import { benchResult } from '../support/bench-result.ts';
import { launchBrowser, visit } from '../support/browser.ts';
import { projectRoot } from '../support/gateway.ts';
import { patientMs } from '../support/patience.ts';

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

const looks = {
  phone: { viewport: { width: 360, height: 740 }, colorScheme: 'light' },
  night: { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
} as const;

const pictures = join(projectRoot, 'reports', 'browser');

it(
  'the report of the benchmark can be read on a phone by day and on a desk at night, and asks nobody for anything',
  { timeout: patientMs(60_000) },
  async () => {
    const axe = await readFile(
      createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
      'utf8',
    );
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-report-'));
    await mkdir(pictures, { recursive: true });
    const browser = await launchBrowser();
    try {
      const path = join(folder, 'report.html');
      await writeHtmlReport(benchResult, path);
      const url = pathToFileURL(path).href;
      for (const [name, look] of Object.entries(looks)) {
        await using guest = await visit(browser, { ...look, origin: pathToFileURL(folder).href });
        const { page } = guest;
        await page.goto(url);
        await page.screenshot({ path: join(pictures, `bench-${name}.png`), fullPage: true });
        const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect([name, wide]).toEqual([name, look.viewport.width]);
        const text = await page.innerText('main');
        // The text of every bar is there, and what is written into the page stays text.
        for (const { title, cpuMicrosPerRequest } of benchResult.rows) {
          if (cpuMicrosPerRequest !== null) expect(text).toContain(title);
        }
        expect(text).toContain('a spoofed identity <img src=x> came');
        expect(await page.locator('img, script').count()).toBe(0);
        // One of the two shapes of each chart is shown.
        expect(await page.locator('svg:visible').count()).toBe(
          (await page.locator('svg').count()) / 2,
        );
        await page.evaluate(axe);
        const { violations } = await page.evaluate<{ violations: Violation[] }>('axe.run()');
        expect(violations.map(({ id, nodes }) => [name, id, nodes[0]?.html])).toEqual([]);
        expect(guest.complaints).toEqual([]);
      }
    } finally {
      await browser.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
);
