import { MemoryZoneStore } from '../../../src/keyval/memory-zone-store.ts';
import { testZoneStore } from '../../contract/zone-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const clock = new ManualClock();

testZoneStore(
  'the memory store',
  () =>
    Promise.resolve({
      store: new MemoryZoneStore(clock),
      openSession: () => Promise.resolve(null),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  (ms) => {
    clock.advance(ms);
    return Promise.resolve();
  },
);
