import type { SessionsConfig } from '../../../src/config/sessions.ts';
import { MemorySessionStore } from '../../../src/session/memory-session-store.ts';
import type { Coherence } from '../../../src/session/coherence.ts';
import type { LiveSession } from '../../../src/session/live-session.ts';
import type { Resolution } from '../../../src/session/resolution.ts';
import { Sessions } from '../../../src/session/sessions.ts';
import type { SessionStore } from '../../../src/session/session-store.ts';
import type { Actor } from '../../../src/session/session.ts';
import { KeyRing } from '../../../src/tokens/key-ring.ts';
import { SessionTokens } from '../../../src/tokens/session-token.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { principalNamed, sessionsConfigOf } from '../../support/session-parts.ts';
import { WaywardStore } from '../../support/wayward-store.ts';

export interface Opened {
  readonly live: LiveSession;
  readonly token: string;
}

/** One worker, or several on one store: all with the same clock, keys and settings. */
export class SessionsScene {
  readonly clock = new ManualClock();
  readonly config: SessionsConfig;
  readonly tokens = new SessionTokens(new KeyRing({ keys: [] }));
  readonly store: WaywardStore;
  readonly sessions: Sessions;
  readonly storeErrors: unknown[] = [];
  described = 0;
  describeFault: Error | null = null;
  /** Called while a session enters a cache. */
  onDescribe: () => void = () => {};
  readonly #memory: SessionStore;

  readonly #coherence: Coherence | undefined;

  constructor(changes: Partial<SessionsConfig> = {}, coherence?: Coherence) {
    this.#coherence = coherence;
    this.config = sessionsConfigOf(changes);
    this.#memory = new MemorySessionStore(this.config, this.clock);
    this.store = new WaywardStore(this.#memory);
    this.sessions = this.#worker(this.store);
  }

  /** A further worker, with an empty cache, that nobody tells anything. */
  addWorker(): Sessions {
    return this.#worker(new WaywardStore(this.#memory));
  }

  async open(subject = 'user1', actor: LiveSession | null = null): Promise<Opened> {
    const opening = await this.sessions.open(principalNamed(subject), actor && actorOf(actor));
    if (opening.kind !== 'opened') throw new Error(opening.reason);
    return opening;
  }

  /** As a request does it: `peek`, then `resolve`, then the touch that is due. */
  async ask(token: string, sessions = this.sessions): Promise<string> {
    const nowMs = this.clock.now();
    const peeked = sessions.peek(token, nowMs);
    const resolution: Resolution =
      peeked === undefined ? await sessions.resolve(token) : { kind: 'valid', live: peeked };
    if (resolution.kind === 'valid') {
      if (sessions.isTouchDue(resolution.live, nowMs)) sessions.touch(resolution.live, nowMs);
      return 'valid';
    }
    return resolution.kind === 'none' ? resolution.reason : resolution.kind;
  }

  /** Lets time pass, with everything that timers would do meanwhile. */
  async pass(ms: number, sessions = this.sessions): Promise<void> {
    const stepMs = 75;
    for (let left = ms; left > 0; left -= stepMs) {
      this.clock.advance(Math.min(left, stepMs));
      await sessions.flush();
      await sessions.sweep();
    }
  }

  #worker(store: WaywardStore): Sessions {
    return new Sessions({
      config: this.config,
      store,
      tokens: this.tokens,
      ...(this.#coherence !== undefined && { coherence: this.#coherence }),
      clock: this.clock,
      describe: (session) => {
        this.described += 1;
        this.onDescribe();
        if (this.describeFault !== null) throw this.describeFault;
        return `X-UserInfo: ${session.principal.subject}\r\n`;
      },
      onStoreError: (error) => this.storeErrors.push(error),
    });
  }
}

export function actorOf({ session }: LiveSession): Actor {
  const { subject, directory } = session.principal;
  return { subject, directory, sessionId: session.id };
}
