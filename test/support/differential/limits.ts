import type { ListenerLimits } from '../../../src/config/listener.ts';

/** Small, so that messages that pass them are small, too. */
export const LIMITS: ListenerLimits = {
  headBytesMax: 1024,
  fieldsMax: 40,
  targetBytesMax: 200,
  bodyBytesMax: 1000,
  bodyBytesPerSecondMin: 0,
  connectionsMax: 0,
  connectionsPerAddressMax: 0,
  requestsPerConnectionMax: 0,
};

export const READER_SETTINGS = { limits: LIMITS, timeouts: { bodyIdleMs: 15_000 } };
