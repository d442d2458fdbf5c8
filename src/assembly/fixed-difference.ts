import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';

/** What the primary itself lives by, from its start to its end. */
const fixed = ['workers', 'admin', 'control', 'reload', 'log'] as const;

/** A sentence about what only a new start can change; null: nothing. */
export function fixedDifference(before: Config, after: Config): string | null {
  const different: string[] = fixed.filter((name) => !isDeepStrictEqual(before[name], after[name]));
  // Workers of two stores would not know of each other's sessions.
  if (!isDeepStrictEqual(placeOf(before), placeOf(after))) different.push('sessions.store');
  if (different.length === 0) return null;
  return `${different.join(' and ')} cannot change while the gateway runs: stop it and start it again.`;
}

function placeOf({ sessions }: Config): unknown {
  const { store } = sessions;
  switch (store.type) {
    case 'sqlite':
      return [store.type, store.path];
    case 'redis': {
      // Sentinels and nodes of a cluster come and go; that they lead elsewhere, their addresses cannot tell.
      const { database, keyPrefix, mode, primaryName, servers } = store;
      const place = mode === 'standalone' ? servers : primaryName;
      return [store.type, mode, place, database, keyPrefix];
    }
    default:
      return [store.type];
  }
}
