import { AsyncLocalStorage } from 'node:async_hooks';
import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LiveStreams, type LiveStream } from '../../../src/gateway/live-streams.ts';
import { CachedSession } from '../../../src/session/cached-session.ts';
import type { LiveSession } from '../../../src/session/live-session.ts';
import { RedisSessionStore } from '../../../src/session/redis-session-store.ts';
import type { Resolution } from '../../../src/session/resolution.ts';
import { SessionEndings } from '../../../src/session/session-endings.ts';
import { SessionJudge } from '../../../src/session/session-judge.ts';
import type { SessionStore } from '../../../src/session/session-store.ts';
import { sessionKeyOf } from '../../../src/session/session.ts';
import { SqliteSessionStore } from '../../../src/session/sqlite-session-store.ts';
import { SessionTokens } from '../../../src/tokens/session-token.ts';
import { machineMs, type HistoryEvent } from './history.ts';

/*
 * Loaded into a gateway in front of everything (`--import`): writes down every decision of this process, and what became
 * of revocations, each in the turn in which it happens, so that nothing is lost to kill -9. The gateway knows nothing
 * of it.
 */

/** Longer than this is no wait for one's turn any more. */
const stallMs = 100;

export function record(into: string): void {
  const worker = String(process.pid);
  // Opened with the first line: a primary decides nothing.
  let file: number | null = null;
  const write = (event: HistoryEvent): void => {
    file ??= openSync(join(into, `${worker}.ndjson`), 'a');
    writeSync(file, `${JSON.stringify(event)}\n`);
  };
  recordStalls(write);
  recordDecisions(worker, write);
  recordStore(RedisSessionStore.prototype, write);
  recordStore(SqliteSessionStore.prototype, write);
  recordEndings(write);
  recordStreams(worker, write);
}

type Write = (event: HistoryEvent) => void;

/** Revocations of one call, whose answer is given when all of them have been settled. */
const ending = new AsyncLocalStorage<{ readonly keys: string[] }>();

/** While this process did not run, nobody could renew its lease. */
function recordStalls(write: Write): void {
  let lastAt = machineMs();
  setInterval(() => {
    const at = machineMs();
    if (at - lastAt > stallMs) write({ kind: 'outage', what: 'stall', from: lastAt, to: at });
    lastAt = at;
  }, stallMs / 5).unref();
}

function recordDecisions(worker: string, write: Write): void {
  const judge = SessionJudge.prototype;
  const { holds, peek, resolve, review } = judge;
  const { unseal } = SessionTokens.prototype;
  /** Keys of tokens: the judge looks into one only where it has to. */
  const keys = new Map<string, string>();
  const decide = (
    session: string | undefined,
    startedAt: number | null,
    source: string,
    verdict: 'accepted' | 'refused' | 'unavailable',
  ): void => {
    if (session === undefined) return;
    const decidedAt = machineMs();
    write({ kind: 'decision', worker, session, startedAt, decidedAt, source, verdict });
  };
  const resolved = (
    session: string | undefined,
    startedAt: number,
    source: string,
    resolution: Resolution,
  ): void => {
    if (resolution.kind === 'valid') {
      decide(keyOf(resolution.live), startedAt, source, 'accepted');
    } else if (resolution.kind === 'unavailable') {
      decide(session, startedAt, source, 'unavailable');
    } else decide(session, startedAt, source, 'refused');
  };
  SessionTokens.prototype.unseal = function recorded(token) {
    const id = unseal.call(this, token);
    if (id !== 'forged' && id !== 'malformed') keys.set(token, sessionKeyOf(id));
    return id;
  };
  judge.peek = function recorded(token, nowMs) {
    const startedAt = machineMs();
    const live = peek.call(this, token, nowMs);
    if (live !== undefined) decide(keyOf(live), startedAt, 'copy', 'accepted');
    return live;
  };
  judge.resolve = function recorded(token) {
    const startedAt = machineMs();
    const answer = resolve.call(this, token);
    if (!(answer instanceof Promise)) {
      resolved(keys.get(token), startedAt, 'resolve', answer);
      return answer;
    }
    return answer.then((resolution) => {
      resolved(keys.get(token), startedAt, 'resolve', resolution);
      return resolution;
    });
  };
  judge.holds = function recorded(live, nowMs) {
    const isGood = holds.call(this, live, nowMs);
    if (isGood) decide(keyOf(live), null, 'again', 'accepted');
    return isGood;
  };
  judge.review = async function recorded(live) {
    const startedAt = machineMs();
    const resolution = await review.call(this, live);
    resolved(keyOf(live), startedAt, 'review', resolution);
    return resolution;
  };
}

function keyOf(live: LiveSession): string {
  return live instanceof CachedSession ? live.key : sessionKeyOf(live.session.id);
}

function recordStore(store: SessionStore, write: Write): void {
  const { create, revoke, revokeUser } = store;
  const replied = (keys: readonly string[]): void => {
    if (keys.length === 0) return;
    ending.getStore()?.keys.push(...keys);
    write({ kind: 'reply', sessions: keys, at: machineMs() });
  };
  store.create = async function recorded(session) {
    const answer = await create.call(this, session);
    if (answer.kind === 'created') {
      const { directory, subject } = session.principal;
      const user = `${directory} ${subject}`;
      write({ kind: 'opened', session: session.key, user, at: machineMs() });
      replied(answer.revoked);
    }
    return answer;
  };
  store.revoke = async function recorded(keys, cause) {
    if (cause !== 'lost') {
      write({ kind: 'attempt', sessions: keys, user: null, at: machineMs() });
    }
    const answer = await revoke.call(this, keys, cause);
    if (answer.kind === 'revoked') replied(answer.keys);
    return answer;
  };
  store.revokeUser = async function recorded(directory, subject, caller) {
    const user = `${directory} ${subject}`;
    write({ kind: 'attempt', sessions: [], user, at: machineMs() });
    const answer = await revokeUser.call(this, directory, subject, caller);
    if (answer.kind === 'revoked') replied(answer.keys);
    return answer;
  };
}

function recordEndings(write: Write): void {
  const endings = SessionEndings.prototype;
  const { end, endAllOf, endSome } = endings;
  const answered = async <Outcome>(
    call: () => Promise<Outcome>,
    isDone: (outcome: Outcome) => boolean,
  ): Promise<Outcome> => {
    const keys: string[] = [];
    const outcome = await ending.run({ keys }, call);
    if (isDone(outcome)) write({ kind: 'answer', sessions: keys, at: machineMs() });
    return outcome;
  };
  endings.end = function recorded(key) {
    write({ kind: 'attempt', sessions: [key], user: null, at: machineMs() });
    return answered(
      () => end.call(this, key),
      (outcome) => outcome === 'ended',
    );
  };
  endings.endAllOf = function recorded(directory, subject, caller) {
    return answered(
      () => endAllOf.call(this, directory, subject, caller),
      ({ kind }) => kind === 'ended',
    );
  };
  endings.endSome = function recorded(directory, subject, isMeant) {
    return answered(
      () => endSome.call(this, directory, subject, isMeant),
      ({ kind }) => kind === 'ended',
    );
  };
}

/** From the turn of their decision until they are cut, or over. */
function recordStreams(worker: string, write: Write): void {
  const streams = LiveStreams.prototype;
  const { enter, leave } = streams;
  const numbers = new Map<LiveStream, number>();
  let latest = 0;
  const over = (stream: LiveStream): void => {
    const number = numbers.get(stream);
    if (number === undefined) return;
    numbers.delete(stream);
    write({ kind: 'streamOver', worker, stream: number, at: machineMs() });
  };
  streams.enter = function recorded(stream, ageMaxMs) {
    enter.call(this, stream, ageMaxMs);
    const { live } = stream;
    if (live === null || !stream.isUpgrade || numbers.has(stream)) return;
    latest += 1;
    numbers.set(stream, latest);
    const actor = live.session.actor?.sessionKey;
    const sessions = [keyOf(live), ...(actor === undefined ? [] : [actor])];
    write({ kind: 'streamOpened', worker, stream: latest, sessions, at: machineMs() });
    const { cut } = stream;
    stream.cut = (reason) => {
      cut.call(stream, reason);
      over(stream);
    };
  };
  streams.leave = function recorded(stream, outcome, status) {
    over(stream);
    leave.call(this, stream, outcome, status);
  };
}
