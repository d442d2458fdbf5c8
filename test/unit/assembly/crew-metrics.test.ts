import { expect, it } from 'vitest';
import { CrewMetrics } from '../../../src/assembly/crew-metrics.ts';
import type { WorkerProcess } from '../../../src/lifecycle/worker-process.ts';
import { labelledFigure, plainFigure } from '../../../src/observability/catalogue.ts';
import { createMetrics } from '../../../src/observability/prometheus.ts';

const countOf = (text: string, name: string): number =>
  Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);

/** A worker that answers with what it has counted, or with nothing. */
function workerOf(share: { count: number; isSilent?: boolean }) {
  const metrics = createMetrics([
    plainFigure('counter', 'served_total', 'Served.', () => share.count),
    labelledFigure('gauge', 'open', 'Open.', 'kind', () => [['one', 1]]),
  ]);
  const worker = {
    state: 'ready',
    link: { ask: async () => (share.isSilent === true ? null : await metrics.values()) },
  };
  return { metrics, process: worker as unknown as WorkerProcess }; // as far as it is asked
}

it('a worker that does not answer a scrape is shown as it was, and counted', async () => {
  const [steady, silent] = [{ count: 3 }, { count: 4, isSilent: false }];
  const workers = [workerOf(steady), workerOf(silent)];
  const silences = { all: 0, last: 0 };
  const own = createMetrics([
    plainFigure('counter', 'scrape_silences_total', 'Silences.', () => silences.all),
  ]);
  const crew = new CrewMetrics(own, () => workers.map(({ process }) => process), silences);
  expect(countOf(await crew.text('text'), 'portcullis_served_total')).toBe(7);
  steady.count = 10;
  silent.isSilent = true;
  silent.count = 5;
  const text = await crew.text('text');
  expect(countOf(text, 'portcullis_served_total')).toBe(14);
  expect(countOf(text, 'portcullis_scrape_silences_total')).toBe(1);
  silent.isSilent = false;
  expect(countOf(await crew.text('openMetrics'), 'portcullis_served_total')).toBe(15);
  expect(silences).toEqual({ all: 1, last: 0 });
});

it('what a worker counted stays when it is gone, and what it held does not', async () => {
  const alive = workerOf({ count: 1 });
  const gone = workerOf({ count: 2 });
  const processes = [alive.process, gone.process];
  const crew = new CrewMetrics(createMetrics([]), () => processes);
  expect(await crew.text('text')).toContain('portcullis_open{kind="one"} 2');
  crew.remember(gone.process, await gone.metrics.values());
  processes.pop();
  await crew.ended(gone.process);
  const text = await crew.text('text');
  expect(countOf(text, 'portcullis_served_total')).toBe(3);
  expect(text).toContain('portcullis_open{kind="one"} 1');
});
