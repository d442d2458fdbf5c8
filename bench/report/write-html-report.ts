import { writeFile } from 'node:fs/promises';
import { renderRatios } from '../results/result-text.ts';
import type { BenchResult } from '../results/result-file.ts';

/** The ratios as a page. */
export async function writeHtmlReport(result: BenchResult, path: string): Promise<void> {
  await writeFile(
    path,
    `<!doctype html><meta charset="utf-8"><pre>${renderRatios(result.ratios)}</pre>\n`,
  );
}
