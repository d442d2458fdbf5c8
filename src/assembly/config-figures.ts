import { figuresOf, plainFigure } from '../observability/catalogue.ts';
import type { Figure } from '../observability/figure.ts';

/** What became of the configurations that were read. */
export interface ConfigTally {
  /** What was read last is what runs. */
  readonly isConfigTaken: boolean;
  /** On the wall clock. */
  readonly takenAtMs: number;
  readonly generation: number;
  readonly replacements: { readonly done: number; readonly refused: number };
}

export function configFigures(tally: ConfigTally): Figure[] {
  return [
    ...figuresOf(['done', 'refused'] as const, ['result'], (result) => ({ result }), [
      [
        'config_replacements_total',
        'counter',
        'Reloads and rolling restarts; refused: what ran before runs on.',
        (result) => tally.replacements[result],
      ],
    ]),
    plainFigure(
      'gauge',
      'config_taken',
      '1: what was read last is what runs; 0: it was refused.',
      () => Number(tally.isConfigTaken),
    ),
    plainFigure(
      'gauge',
      'config_taken_timestamp_seconds',
      'When the configuration that runs was taken.',
      () => tally.takenAtMs / 1000,
    ),
    plainFigure(
      'gauge',
      'config_generation',
      'Counts the configurations that were taken, from 1.',
      () => tally.generation,
    ),
  ];
}
