import type { Attempt, HistoryEvent } from './history.ts';

/** The first time of everything that can happen to a session once. */
export class KnownEnds {
  readonly answeredAt = new Map<string, number>();
  readonly repliedAt = new Map<string, number>();
  readonly opened = new Map<string, { readonly user: string; readonly at: number }>();
  readonly #attemptedAt = new Map<string, number>();
  readonly #userAttemptedAt = new Map<string, number>();

  constructor(events: readonly HistoryEvent[]) {
    for (const event of events) {
      if (event.kind === 'answer') first(this.answeredAt, event.sessions, event.at);
      else if (event.kind === 'reply') {
        first(this.repliedAt, event.sessions, event.at);
      } else if (event.kind === 'attempt') this.#attempted(event);
      else if (event.kind === 'opened') this.opened.set(event.session, event);
    }
  }

  wantedAt(session: string, user: string): number {
    return Math.min(
      this.#attemptedAt.get(session) ?? Infinity,
      this.#userAttemptedAt.get(user) ?? Infinity,
      // One that ended with another: its commit was earlier, nobody knows by how much.
      this.repliedAt.has(session) ? -Infinity : Infinity,
    );
  }

  #attempted({ at, sessions, user }: Attempt): void {
    first(this.#attemptedAt, sessions, at);
    if (user !== null) first(this.#userAttemptedAt, [user], at);
  }
}

function first(times: Map<string, number>, names: readonly string[], at: number): void {
  for (const name of names) times.set(name, Math.min(at, times.get(name) ?? Infinity));
}
