import {
  buildFigures,
  figuresOf,
  lostLineFigures,
  plainFigure,
} from '../observability/catalogue.ts';
import type { Figure } from '../observability/figure.ts';
import { configFigures } from './config-figures.ts';
import type { Primary } from './primary.ts';
import { throttleFigures } from './user-figures.ts';

const states = ['starting', 'ready', 'retiring'] as const;

/** What only the primary knows. */
export function primaryFigures(
  primary: Primary,
  version: string,
  sink: { readonly lostLines: number },
  silences: { readonly all: number; readonly last: number },
): Figure[] {
  const { crew } = primary;
  return [
    ...buildFigures(version),
    ...lostLineFigures({ log: sink }),
    ...figuresOf(states, ['state'], (state) => ({ state }), [
      [
        'workers',
        'gauge',
        'Worker processes, by what they are about.',
        (state) => crew.processes.filter((process) => process.state === state).length,
      ],
    ]),
    ...throttleFigures(primary.shelf),
    plainFigure(
      'counter',
      'worker_crashes_total',
      'Workers that ended by themselves.',
      () => crew.crashes,
    ),
    plainFigure(
      'counter',
      'scrape_silences_total',
      'Times that a worker did not answer a scrape in time and was shown as it was.',
      () => silences.all,
    ),
    plainFigure(
      'gauge',
      'workers_silent',
      'Workers that did not answer this scrape.',
      () => silences.last,
    ),
    ...configFigures(primary),
  ];
}
