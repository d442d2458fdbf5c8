import type { Clock } from '../lib/clock.ts';
import type { Coherence } from './coherence.ts';
import { Lease } from './lease.ts';

/** Of a store that only this process knows: it always knows everything, and there is nobody to wait for. */
export function loneCoherence(clock: Clock): Coherence {
  return {
    lease: new Lease(Infinity, Infinity),
    generation: 0,
    mayRead: true,
    freshMs: Infinity,
    coherentMs: () => clock.monotonic(),
    renewal: () => Promise.resolve(true),
    settle: () => Promise.resolve({ members: 1, acknowledged: 1, waitedMs: 0, isReplicated: null }),
  };
}
