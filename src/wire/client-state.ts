import type { ListenerTimeouts } from '../config/listener.ts';

/**
 *   idle ──a head──► deciding ──relay──► relaying ──end──► idle
 *                       ├──upgrade──► upgrading (wire/upgrade.ts) ──end──► lingering
 *                       ├──collect──► collecting ──body──► deciding
 *                       └──reply──► idle
 *   any ──an answer that closes──► lingering ──► closed
 */
export const State = {
  idle: 0,
  deciding: 1,
  collecting: 2,
  relaying: 3,
  lingering: 4,
  closed: 5,
  upgrading: 6,
} as const;
export type State = (typeof State)[keyof typeof State];

/** A request is under way. */
export function isBusy(state: State): boolean {
  return state === State.deciding || state === State.collecting || state === State.relaying;
}

/** A gateway that drains does not wait longer than this for a client that does not hang up. */
const LINGER_DRAINING_MS = 1000;

export function lingerMsOf(
  { lingerMs, sendMs }: ListenerTimeouts,
  isDraining: boolean,
  isBlocked: boolean,
): number {
  if (isBlocked) return sendMs;
  return isDraining ? Math.min(lingerMs, LINGER_DRAINING_MS) : lingerMs;
}

/** How long a connection waits for a request. Of one that drains, it is the last: one may be on its way already. */
export function idleMsOf(
  { keepAliveMs }: ListenerTimeouts,
  owner: { readonly isDraining: boolean; readonly idleDrainMs: number },
): number {
  return owner.isDraining ? Math.min(owner.idleDrainMs, keepAliveMs) : keepAliveMs;
}
