import { expect, it, vi } from 'vitest';
import { Primary } from '../../../src/assembly/primary.ts';
import type { Config } from '../../../src/config/config.ts';
import { newSnapshot } from '../../../src/config/read.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { createLog } from '../../../src/observability/log.ts';
import { load, smallest } from '../../support/config-file.ts';

function scene(size = 2, readEvent = () => {}) {
  const config = load(smallest);
  const log = createLog({ ...config.log, level: 'error' }, { write: () => {} }, systemClock);
  const events = {
    began: () => {},
    broadcast: () => {},
    leaving: () => {},
    ended: () => {},
    read: readEvent,
  };
  const primary = new Primary({ config, files: newSnapshot(), size, log, events });
  const read = vi.fn<(path: string) => Config>(() => config);
  return { primary, read };
}

const turn = (): Promise<void> => new Promise((go) => setImmediate(go));

it('a wish for a restart that comes before the sockets are bound waits for the start', async () => {
  const { primary, read } = scene();
  const replacing = primary.replace('restart', read);
  await turn();
  expect(read).not.toHaveBeenCalled();
  expect(primary.crew.processes).toEqual([]);
  // It comes to an end before it has begun.
  await primary.retire();
  expect(await replacing).toEqual({ kind: 'refused', text: 'The gateway is about to end.\n' });
  expect(read).not.toHaveBeenCalled();
});

it('a wish that fails by a defect takes no turn away from the next one', async () => {
  const defect = vi.fn<() => void>().mockImplementationOnce(() => {
    throw new Error('a defect');
  });
  const { primary } = scene(0, defect);
  await primary.start();
  const read = (): Config => {
    throw new Error('no such file');
  };
  await expect(primary.replace('reload', read)).rejects.toThrow('a defect');
  expect(await primary.replace('reload', read)).toEqual({
    kind: 'refused',
    text: 'no such file\n',
  });
});
