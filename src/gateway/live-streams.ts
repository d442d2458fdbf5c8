import type { Clock } from '../lib/clock.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Resolution } from '../session/resolution.ts';
import { sessionKeyOf } from '../session/session.ts';
import type { CutReason } from '../wire/cut-reason.ts';
import type { Outcome } from '../wire/lane.ts';
import { TurnEnd } from '../wire/turn-end.ts';
import { YoungStreams, type YoungStream } from './young-streams.ts';

/** Something under way that may outlive its session. */
export interface LiveStream extends YoungStream<LiveStream> {
  readonly live: LiveSession | null;
  /** The token that let it in, where no session did; on the wall clock. */
  readonly bearer: { readonly endsAtMs: number } | null;
  readonly isUpgrade: boolean;
  readonly route: { readonly config: { readonly id: string } } | null;
  /** On the monotonic clock. */
  readonly startedAtMs: number;
  /** How old it may become, by the listener's word; 0: as old as it likes. */
  ageMaxMs: number;
  /** Ends it, on both sides. `leave` follows, then or later. */
  cut(reason: CutReason): void;
}

/** What is asked of the sessions about a stream that is open. None of it counts as activity. */
export interface StreamSessions {
  holds(live: LiveSession, nowMs: number): boolean;
  review(live: LiveSession): Promise<Resolution>;
  /** For how long nobody could say whether sessions have ended; 0 or less: it is known. */
  unknownForMs(): number;
}

export const STREAM_ENDS = [
  ...(['ended', 'client', 'upstream'] as const),
  ...(['revoked', 'expired', 'unconfirmed', 'age', 'idle', 'drain'] as const),
] as const;
export type StreamEnd = (typeof STREAM_ENDS)[number];

/** From this age on an exchange is a stream: an event stream, a long download or upload. */
const STREAM_AGE_MS = 10_000;
const SWEEP_MS = 1000;

interface Entry {
  live: LiveSession | null;
  readonly keys: readonly string[];
  isReviewed: boolean;
}

/**
 * What is open, by session, so that the end of a session is the end of its streams. A WebSocket is registered in the
 * turn of the decision, before the upstream is asked. Everything else is only put on a list, in the order of time, and
 * registered once it is old enough to be called a stream; its session is looked at again then.
 */
export class LiveStreams {
  readonly closed: Record<StreamEnd, number>;
  readonly #sessions: StreamSessions;
  readonly #clock: Clock;
  /** How long a stream goes on while nobody can say whether its session has ended. */
  readonly #graceMs: number;
  /** Not old enough yet. */
  readonly #young = new YoungStreams<LiveStream>();
  readonly #streams = new Map<LiveStream, Entry>();
  readonly #bySession = new Map<string, Set<LiveStream>>();
  #timer: NodeJS.Timeout | undefined;
  #cutting: NodeJS.Timeout | undefined;

  constructor(sessions: StreamSessions, clock: Clock, graceMs: number) {
    this.#sessions = sessions;
    this.#clock = clock;
    this.#graceMs = graceMs;
    const zeros = STREAM_ENDS.map((end) => [end, 0]);
    this.closed = Object.fromEntries(zeros) as Record<StreamEnd, number>; // one entry per name
  }

  /** Streams that are open or being opened. */
  get active(): number {
    return this.#streams.size;
  }

  /** How many each session has, by its key; of so many sessions at most, impersonations apart from their actors. */
  bySession(sessionsMax: number): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { keys } of this.#streams.values()) {
      const [own] = keys;
      if (own === undefined) continue;
      const count = counts.get(own);
      if (count === undefined && counts.size >= sessionsMax) continue;
      counts.set(own, (count ?? 0) + 1);
    }
    return counts;
  }

  /** `ageMaxMs` 0: it may become as old as it likes. */
  enter(stream: LiveStream, ageMaxMs: number): void {
    // One that was judged a second time is known, by the session that it had.
    const isKnown = this.#forget(stream);
    stream.ageMaxMs = ageMaxMs;
    if (stream.isUpgrade || isKnown) this.#register(stream);
    else this.#young.add(stream);
  }

  leave(stream: LiveStream, outcome: Outcome, status: number): void {
    if (this.#young.delete(stream) || !this.#forget(stream)) return;
    // A handshake that came to nothing was no stream.
    if (!stream.isUpgrade || status === 101) this.closed[endOf(outcome)]++;
  }

  /** False: it was not registered. */
  #forget(stream: LiveStream): boolean {
    const entry = this.#streams.get(stream);
    if (entry === undefined) return false;
    this.#streams.delete(stream);
    for (const key of entry.keys) {
      const ofSession = this.#bySession.get(key);
      ofSession?.delete(stream);
      if (ofSession?.size === 0) this.#bySession.delete(key);
    }
    return true;
  }

  /**
   * In the turn of this call every stream of these sessions, and of the impersonations opened from them, is cut. What was
   * judged before leaves before: behind this call, and so behind what others are told of it, nothing of theirs does.
   */
  revoked(keys: readonly string[]): void {
    TurnEnd.shared.send();
    for (const key of keys) {
      for (const stream of [...(this.#bySession.get(key) ?? [])]) stream.cut('revoked');
    }
  }

  /** The same for every stream that has a session. */
  everybodyRevoked(): void {
    TurnEnd.shared.send();
    for (const stream of [...this.#streams.keys()]) {
      if (stream.live !== null) stream.cut('revoked');
    }
  }

  /**
   * The gateway goes, and what is open on these routes may stay. Of the others upgrades end now, as there is no end to wait
   * for, and the rest when the time is over.
   */
  keepOnly(routes: ReadonlySet<string>, afterMs: number): void {
    const isKept = ({ route }: LiveStream): boolean =>
      route !== null && routes.has(route.config.id);
    const all = (): LiveStream[] => [...this.#young.all(), ...this.#streams.keys()];
    for (const stream of all()) if (stream.isUpgrade && !isKept(stream)) stream.cut('drain');
    clearTimeout(this.#cutting);
    this.#cutting = setTimeout(() => {
      for (const stream of all()) if (!isKept(stream)) stream.cut('drain');
    }, afterMs);
  }

  start(): void {
    this.#timer ??= setInterval(() => this.sweep(), SWEEP_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#cutting);
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Cuts what is too old or has lost its session, or its token, to time. */
  sweep(): void {
    const now = this.#clock.monotonic();
    for (let stream = this.#young.oldest; stream !== null; stream = this.#young.oldest) {
      if (now - stream.startedAtMs < STREAM_AGE_MS) break;
      this.#young.delete(stream);
      this.#register(stream);
    }
    for (const [stream, entry] of this.#streams) {
      const isTooOld = stream.ageMaxMs > 0 && now - stream.startedAtMs >= stream.ageMaxMs;
      if (isTooOld) stream.cut('age');
      else if (stream.bearer !== null && this.#clock.now() >= stream.bearer.endsAtMs) {
        stream.cut('expired');
      } else if (entry.live !== null && !this.#sessions.holds(entry.live, this.#clock.now())) {
        void this.#review(stream, entry, entry.live);
      }
    }
  }

  #register(stream: LiveStream): void {
    const { live } = stream;
    const keys: string[] = [];
    if (live !== null) {
      keys.push(sessionKeyOf(live.session.id));
      if (live.session.actor !== null) keys.push(live.session.actor.sessionKey);
    }
    this.#streams.set(stream, { live, keys, isReviewed: false });
    for (const key of keys) {
      const ofSession = this.#bySession.get(key);
      if (ofSession === undefined) this.#bySession.set(key, new Set([stream]));
      else ofSession.add(stream);
    }
  }

  /**
   * The copy of the session that the stream began with says nothing any more: others may know better. An outage cuts
   * nothing before the grace is over.
   */
  async #review(stream: LiveStream, entry: Entry, live: LiveSession): Promise<void> {
    if (entry.isReviewed) return;
    entry.isReviewed = true;
    const resolution = await this.#sessions.review(live);
    entry.isReviewed = false;
    if (this.#streams.get(stream) !== entry) return;
    if (resolution.kind === 'valid') entry.live = resolution.live;
    else if (resolution.kind === 'none') {
      stream.cut(resolution.reason === 'revoked' ? 'revoked' : 'expired');
    } else if (this.#sessions.unknownForMs() >= this.#graceMs) stream.cut('unconfirmed');
  }
}

function endOf(outcome: Outcome): StreamEnd {
  switch (outcome) {
    case 'ok':
      return 'ended';
    case 'cut:revoked':
      return 'revoked';
    case 'cut:expired':
      return 'expired';
    case 'cut:unconfirmed':
      return 'unconfirmed';
    case 'cut:age':
      return 'age';
    case 'cut:idle':
      return 'idle';
    case 'cut:drain':
      return 'drain';
    default:
      return outcome.startsWith('upstream:') ? 'upstream' : 'client';
  }
}
