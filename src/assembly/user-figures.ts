import { figuresOf, labelledFigure, plainFigure } from '../observability/catalogue.ts';
import type { Figure } from '../observability/figure.ts';
import { throttledBy, type ThrottledBy } from '../users/login-throttle.ts';
import type { CountShelf } from './count-shelf.ts';
import type { Shared } from './shared.ts';

type Parts = Pick<Shared, 'directories' | 'pool' | 'refresh' | 'shelf'>;

/** What `/metrics` shows of directories, of those who are looked up again, and of what waits for a login. */
export function userFigures({ directories, pool, refresh, shelf }: Parts): Figure[] {
  const results = ['kept', 'ended', 'unavailable'] as const;
  return [
    ...figuresOf(
      () => directories.outages(),
      ['directory'],
      ({ directory }) => ({ directory }),
      [
        [
          'directory_out',
          'gauge',
          'Whether a directory did not answer when it was last asked.',
          ({ isOut }) => (isOut ? 1 : 0),
        ],
      ],
    ),
    ...figuresOf(results, ['result'], (result) => ({ result }), [
      [
        'standing_checks_total',
        'counter',
        'Users who were looked up again while logged in, by what came of it.',
        (result) => refresh.counts[result],
      ],
    ]),
    {
      ...plainFigure(
        'gauge',
        'standing_round_seconds',
        'How long it took to look up all users in the cache once, of the slowest worker.',
        () => refresh.lastRoundMs / 1000,
      ),
      together: 'max',
    },
    ...(shelf === null ? [] : throttleFigures(shelf)),
    plainFigure(
      'gauge',
      'password_checks_pending',
      'Passwords that are being checked or wait for that.',
      () => pool.pendingJobs,
    ),
  ];
}

/** Of the process that has the counts. */
export function throttleFigures({ buckets }: Pick<CountShelf, 'buckets'>): Figure[] {
  return [
    plainFigure(
      'gauge',
      'login_throttle_entries',
      'Accounts and addresses that failures are counted for.',
      () => buckets.size,
    ),
    labelledFigure(
      'gauge',
      'bans_active',
      'Who has to wait after failed logins, as this node has counted them: accounts, addresses, or (overall) all strangers.',
      'kind',
      () => Object.entries(bansOf(buckets)),
    ),
  ];
}

/** More than anybody reads on a board. */
const bansMax = 100_000;

function bansOf(buckets: CountShelf['buckets']): Readonly<Record<ThrottledBy, number>> {
  const counts = { account: 0, address: 0, overall: 0 };
  for (const { key } of buckets.listEmpty(bansMax)) counts[throttledBy(key)] += 1;
  return counts;
}
