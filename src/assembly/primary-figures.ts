import {
  buildFigures,
  figuresOf,
  lostLineFigures,
  plainFigure,
} from '../observability/catalogue.ts';
import type { Figure } from '../observability/figure.ts';
import type { Primary } from './primary.ts';
import { throttleFigure } from './user-figures.ts';

const states = ['starting', 'ready', 'retiring'] as const;

/** What only the primary knows. */
export function primaryFigures(
  primary: Primary,
  version: string,
  sink: { readonly lostLines: number },
): Figure[] {
  const { crew, replacements } = primary;
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
    throttleFigure(primary.shelf),
    plainFigure(
      'counter',
      'worker_crashes_total',
      'Workers that ended by themselves.',
      () => crew.crashes,
    ),
    ...figuresOf(['done', 'refused'] as const, ['result'], (result) => ({ result }), [
      [
        'config_replacements_total',
        'counter',
        'Reloads and rolling restarts; refused: what ran before runs on.',
        (result) => replacements[result],
      ],
    ]),
    plainFigure(
      'gauge',
      'config_taken',
      '1: what was read last is what runs; 0: it was refused.',
      () => Number(primary.isConfigTaken),
    ),
    plainFigure(
      'gauge',
      'config_generation',
      'Counts the configurations that were taken, from 1.',
      () => primary.generation,
    ),
  ];
}
