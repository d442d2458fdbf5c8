import type { DjangoRolesConfig } from '../config/django-directory.ts';
import type { DatabaseRow } from './database.ts';
import { canonicalUsername } from './username.ts';

/** A user as the database of a Django application describes one. */
export interface DjangoUser {
  /** As it is stored, however it was typed. */
  readonly username: string;
  /** As Django wrote it; empty where there is none. */
  readonly password: string;
  readonly isActive: boolean;
  /** A superuser, whatever the role: see `Verdict`. */
  readonly isProtected: boolean;
  readonly role: string;
  readonly groups: readonly string[];
}

/**
 * One user out of its rows, one for each group. Null for none, and also for rows of several users:
 * where a name is not unique, nobody has it.
 */
export function djangoUser(
  rows: readonly DatabaseRow[],
  roles: DjangoRolesConfig,
): DjangoUser | null {
  const [first] = rows;
  if (first === undefined) return null;
  const { username, password } = first;
  // A name that could disguise a line of a log is not one that we take over from anywhere.
  if (typeof username !== 'string' || canonicalUsername(username) === null) return null;
  if (rows.some((row) => String(row['id']) !== String(first['id']))) return null;
  return {
    username,
    password: typeof password === 'string' ? password : '',
    isActive: isTrue(first['is_active']),
    isProtected: isTrue(first['is_superuser']),
    role: roleOf(first, wordsOf(rows, 'role'), roles),
    groups: wordsOf(rows, 'group_name').toSorted(),
  };
}

function roleOf(row: DatabaseRow, words: readonly string[], roles: DjangoRolesConfig): string {
  if (roles.superuser !== null && isTrue(row['is_superuser'])) return roles.superuser;
  if (roles.staff !== null && isTrue(row['is_staff'])) return roles.staff;
  // Several profiles that disagree say nothing.
  const [word] = words;
  const isKnown = words.length === 1 && word !== undefined && roles.profile.includes(word);
  return isKnown ? word : roles.otherwise;
}

/** Without repeats: two one-to-many joins multiply rows. */
function wordsOf(rows: readonly DatabaseRow[], column: string): string[] {
  const words = rows.map((row) => row[column]).filter((word) => typeof word === 'string');
  return [...new Set(words)];
}

/** MySQL says 0 and 1, PostgreSQL false and true. */
function isTrue(value: unknown): boolean {
  return value === true || value === 1;
}
