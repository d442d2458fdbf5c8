import type { Situation } from '../http/answer-table.ts';
import type { SessionCookie } from '../http/set-cookie.ts';
import type { Principal } from '../identity/principal.ts';
import type { Clock } from '../lib/clock.ts';
import type { LiveSession } from '../session/live-session.ts';
import type { Resolution } from '../session/resolution.ts';
import {
  admit,
  readOwnCookie,
  situationOfRefused,
  type AuthenticatingSessions,
} from './authenticate.ts';
import { judge } from './authorise.ts';
import { bearerTokenOf, type BearerTokens, type LiveBearer } from './bearer.ts';
import type { Exchange } from './exchange.ts';
import type { Route } from './route.ts';

export interface AdmittingSessions extends AuthenticatingSessions {
  holds(live: LiveSession, nowMs: number): boolean;
  review(live: LiveSession): Promise<Resolution>;
  stale(token: string, maxMs: number): LiveSession | undefined;
  holdsStale(live: LiveSession, maxMs: number): boolean;
  confirmEnd(token: string): Promise<'ended' | 'unavailable'>;
}

export interface AdmissionParts {
  readonly sessions: AdmittingSessions;
  readonly bearers: BearerTokens;
  readonly cookie: SessionCookie;
  readonly clock: Clock;
}

/** Whom the outcome is told to: the pipeline. */
export interface AdmissionOwner {
  admitted(exchange: Exchange, route: Route): void;
  say(exchange: Exchange, situation: Situation): void;
  broke(exchange: Exchange, error: unknown): void;
}

/** Authenticate and authorise: who asks, by a session or by a token, and whether the route is open to them. */
export class Admission {
  readonly #parts: AdmissionParts;
  readonly #owner: AdmissionOwner;

  constructor(parts: AdmissionParts, owner: AdmissionOwner) {
    this.#parts = parts;
    this.#owner = owner;
  }

  judge(exchange: Exchange, route: Route): void {
    const { clock, cookie, sessions } = this.#parts;
    const owner = this.#owner;
    const found = readOwnCookie(exchange, cookie);
    const token = route.takesBearer ? bearerTokenOf(exchange.field('authorization')) : null;
    if (!route.needsPrincipal) owner.admitted(exchange, route);
    else if (token !== null) this.#bear(exchange, route, token);
    else if (!route.takesSession) owner.say(exchange, 'noBearer');
    else if (found === 'none') owner.say(exchange, 'noCookie');
    else if (found === 'many' || exchange.cookieToken === null)
      owner.say(exchange, 'duplicateCookie');
    else {
      const nowMs = clock.now();
      const live = sessions.peek(exchange.cookieToken, nowMs);
      if (live !== undefined) this.#admitSession(exchange, route, live, nowMs);
      else this.#resolve(exchange, route, exchange.cookieToken);
    }
  }

  /** Whether whoever was let in would be let in now. */
  holds(exchange: Exchange): boolean {
    const { bearer, live } = exchange;
    const { clock, sessions } = this.#parts;
    if (bearer !== null) return bearer.goodUntilMs > clock.now();
    if (live === null || sessions.holds(live, clock.now())) return true;
    return exchange.isStale && this.#mayBeStale(exchange);
  }

  /** The store cannot be asked, and the route would rather err. */
  #mayBeStale({ live, route }: Exchange): boolean {
    const maxMs = route?.serveStaleMs ?? 0;
    return maxMs > 0 && live !== null && this.#parts.sessions.holdsStale(live, maxMs);
  }

  /** What `holds` denied once and may be good all the same, such as a session that nobody has vouched for lately. */
  review(exchange: Exchange, admitted: () => void): void {
    const { live } = exchange;
    const owner = this.#owner;
    if (exchange.bearer !== null || live === null) {
      owner.say(exchange, 'bearerRefused');
      return;
    }
    this.#parts.sessions.review(live).then(
      (resolution) => {
        if (exchange.isEnded) return;
        if (resolution.kind === 'valid') {
          exchange.live = resolution.live;
          admitted();
        } else if (resolution.kind === 'unavailable' && this.#mayBeStale(exchange)) admitted();
        else this.#refuse(exchange, resolution);
      },
      (error: unknown) => owner.broke(exchange, error),
    );
  }

  /** Not in the cache, or not good there: the store is asked, unless the token is not one of ours at all. */
  #resolve(exchange: Exchange, route: Route, token: string): void {
    const resolution = this.#parts.sessions.resolve(token);
    if (!(resolution instanceof Promise)) {
      this.#resolved(exchange, route, resolution);
      return;
    }
    resolution.then(
      (answer) => this.#resolved(exchange, route, answer),
      (error: unknown) => this.#owner.broke(exchange, error),
    );
  }

  #resolved(exchange: Exchange, route: Route, resolution: Resolution): void {
    if (exchange.isEnded) return;
    if (resolution.kind === 'valid') {
      this.#admitSession(exchange, route, resolution.live, this.#parts.clock.now());
      return;
    }
    const { serveStaleMs } = route;
    const live =
      serveStaleMs > 0 && resolution.kind === 'unavailable' && exchange.cookieToken !== null
        ? this.#parts.sessions.stale(exchange.cookieToken, serveStaleMs)
        : undefined;
    if (live === undefined) this.#refuse(exchange, resolution);
    else {
      exchange.isStale = true;
      this.#admitSession(exchange, route, live, this.#parts.clock.now());
    }
  }

  /** Whoever logs out of a session that is over already learns so when it is over everywhere, as at a first logout. */
  #refuse(exchange: Exchange, resolution: Exclude<Resolution, { kind: 'valid' }>): void {
    const owner = this.#owner;
    const situation = situationOfRefused(resolution);
    const target = exchange.route?.target;
    const isLogout = target?.kind === 'endpoint' && target.name === 'logout';
    if (!isLogout || situation !== 'revokedSession' || exchange.cookieToken === null) {
      owner.say(exchange, situation);
      return;
    }
    this.#parts.sessions.confirmEnd(exchange.cookieToken).then(
      (ending) => {
        if (exchange.isEnded) return;
        owner.say(exchange, ending === 'ended' ? situation : 'unavailable');
      },
      (error: unknown) => owner.broke(exchange, error),
    );
  }

  #admitSession(exchange: Exchange, route: Route, live: LiveSession, nowMs: number): void {
    admit(exchange, live, this.#parts.sessions, nowMs);
    this.#authorise(exchange, route, live.session.principal);
  }

  /** A token that is remembered costs a look-up; another one is shown to those who can check it. */
  #bear(exchange: Exchange, route: Route, token: string): void {
    const { bearers, clock } = this.#parts;
    const known = bearers.peek(token, clock.now());
    if (known !== undefined) {
      this.#admitBearer(exchange, route, known);
      return;
    }
    bearers.resolve(token).then(
      (answer) => {
        if (exchange.isEnded) return;
        if (answer.kind === 'valid') this.#admitBearer(exchange, route, answer.bearer);
        else this.#owner.say(exchange, answer.kind === 'none' ? 'bearerRefused' : 'unavailable');
      },
      (error: unknown) => this.#owner.broke(exchange, error),
    );
  }

  #admitBearer(exchange: Exchange, route: Route, bearer: LiveBearer): void {
    exchange.bearer = bearer;
    this.#authorise(exchange, route, bearer.principal);
  }

  #authorise(exchange: Exchange, route: Route, principal: Principal): void {
    switch (judge(route.config.require, principal, exchange.method)) {
      case 'allowed':
        this.#owner.admitted(exchange, route);
        break;
      case 'denied':
        this.#owner.say(exchange, 'forbidden');
        break;
      case 'unavailable':
        this.#owner.say(exchange, 'unavailable');
        break;
    }
  }
}
