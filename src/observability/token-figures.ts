import { figuresOf } from './catalogue.ts';
import type { Figure } from './figure.ts';

/** What a token cache counts. */
export interface TokenTally {
  readonly cache: string;
  readonly hits: number;
  readonly stale: number;
  readonly misses: number;
  readonly refreshes: number;
  readonly calls: number;
  readonly failures: number;
  readonly waiting: number;
}

/** What a key-value zone counts. */
export interface ZoneTally {
  readonly zone: string;
  /** Entries that this worker has a copy of. */
  readonly copies: number;
}

export function tokenFigures(sources: () => readonly TokenTally[]): Figure[] {
  return figuresOf(sources, ['cache'], ({ cache }) => ({ cache }), [
    ['token_hits_total', 'counter', 'Tokens and blocks found at once.', ({ hits }) => hits],
    ['token_misses_total', 'counter', 'Requests that waited for a token.', ({ misses }) => misses],
    [
      'token_stale_total',
      'counter',
      'Tokens used that the store could not vouch for.',
      ({ stale }) => stale,
    ],
    [
      'token_refreshes_total',
      'counter',
      'Tokens that were to be fetched ahead of their end.',
      ({ refreshes }) => refreshes,
    ],
    ['token_calls_total', 'counter', 'Questions to the token service.', ({ calls }) => calls],
    [
      'token_failures_total',
      'counter',
      'Answers of the token service that were none, or no token.',
      ({ failures }) => failures,
    ],
    ['token_waiting', 'gauge', 'Requests that wait for a token.', ({ waiting }) => waiting],
  ]);
}

export function zoneFigures(sources: () => readonly ZoneTally[]): Figure[] {
  return figuresOf(sources, ['zone'], ({ zone }) => ({ zone }), [
    ['zone_copies', 'gauge', 'Entries of a key-value zone in the memory.', ({ copies }) => copies],
  ]);
}
