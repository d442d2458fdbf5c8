import { testSessionStore } from '../../contract/session-store.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { SessionFolder, sqliteStore } from '../../support/session-file.ts';

const contractClock = new ManualClock();

testSessionStore(
  'the SQLite store',
  async (config) => {
    const folder = await SessionFolder.make();
    const store = sqliteStore(folder.file, config, contractClock);
    await store.start();
    return {
      store,
      [Symbol.asyncDispose]: async () => {
        await store.stop();
        await folder[Symbol.asyncDispose]();
      },
    };
  },
  (ms) => {
    contractClock.advance(ms);
    return Promise.resolve();
  },
);
