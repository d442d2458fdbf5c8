import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/config.ts';

/** What the primary itself lives by, from its start to its end. */
const fixed = ['workers', 'admin', 'control', 'log'] as const;

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
  return store.type === 'sqlite' ? [store.type, store.path] : [store.type];
}
