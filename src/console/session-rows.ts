import { loginOriginOf } from '../identity/login-origin.ts';
import type { StaffRule } from '../endpoints/staff-rule.ts';
import type { SessionsState, SessionState } from '../pages/console-state.ts';
import type { ListedSession, Listing } from '../session/listing.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { WorkerFacts } from './worker-facts.ts';

/** The sessions, as far as they are looked at. */
export interface RowSessions {
  listOf(directory: string, subject: string): Promise<Listing>;
  page(skip: number, count: number): Promise<Listing>;
  /** NaN: nobody can say. */
  count(): Promise<number>;
}

/** Of whom, and which part. */
export interface RowQuery {
  readonly user: string | null;
  readonly skip: number;
}

const rowsPerPage = 50;
const skipMax = 1_000_000;

/** The part of the address that says what is shown. */
export function rowQueryOf(query: string): RowQuery {
  const values = new URLSearchParams(query);
  // A cut may fall between the halves of a character, and half a one is no text.
  const user = values.get('user')?.trim().slice(0, 150).toWellFormed() ?? '';
  const skip = Number(values.get('skip') ?? 0);
  const isCount = Number.isSafeInteger(skip) && skip >= 0 && skip <= skipMax;
  return { user: user === '' ? null : user, skip: isCount ? skip : 0 };
}

/** What the store says; null: it does not answer. */
export async function readRows(
  sessions: RowSessions,
  directories: readonly string[],
  { skip, user }: RowQuery,
): Promise<{ readonly total: number; readonly found: readonly ListedSession[] } | null> {
  const counting = sessions.count();
  const listings =
    user === null
      ? [sessions.page(skip, rowsPerPage + 1)]
      : directories.map((directory) => sessions.listOf(directory, user));
  const found: ListedSession[] = [];
  for (const listing of await Promise.all(listings)) {
    if (listing.kind === 'unavailable') return null;
    found.push(...listing.sessions);
  }
  return { total: await counting, found };
}

/** The same for everybody who looks, and then for one of them. */
export function sessionsState(
  rows: { readonly total: number; readonly found: readonly ListedSession[] },
  { skip, user }: RowQuery,
  workers: readonly WorkerFacts[],
  caller: LiveSession,
  staff: StaffRule,
): SessionsState {
  // A page has one more than is shown; somebody's own sessions are few, and are all shown.
  const shown = user === null ? rows.found.slice(0, rowsPerPage) : rows.found;
  return {
    total: Number.isNaN(rows.total) ? null : rows.total,
    user,
    skip,
    hasMore: user === null && rows.found.length > rowsPerPage,
    shown: shown.map((session) => rowOf(session, workers, caller, staff)),
  };
}

function rowOf(
  session: ListedSession,
  workers: readonly WorkerFacts[],
  caller: LiveSession,
  staff: StaffRule,
): SessionState {
  const { actor, handle, principal } = session;
  const from = loginOriginOf(principal);
  const own = caller.session.principal;
  const isOwnUser = own.subject === principal.subject && own.directory === principal.directory;
  return {
    session: handle,
    user: principal.subject,
    directory: principal.directory,
    role: principal.role,
    groups: principal.groups,
    actor: actor?.subject ?? null,
    address: from?.address ?? null,
    node: from?.node ?? null,
    since: new Date(session.createdAtMs).toISOString(),
    lastSeen: new Date(session.lastSeenAtMs).toISOString(),
    ends: new Date(session.absoluteDeadlineMs).toISOString(),
    streams: workers.reduce((sum, { streamsOf }) => sum + (streamsOf[handle] ?? 0), 0),
    own: caller.session.handle === handle,
    protected: staff.isProtected(principal) && !isOwnUser,
  };
}
