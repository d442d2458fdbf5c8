import { afterEach, describe, expect, it, vi } from 'vitest';
import { quietSqlite } from '../../../src/lib/quiet-sqlite.ts';

const before = process.listeners('warning');
afterEach(() => {
  process.removeAllListeners('warning');
  for (const listener of before) process.on('warning', listener);
});

describe('warnings of Node', () => {
  it('are heard as before, but for the one of its SQLite', () => {
    process.removeAllListeners('warning');
    const heard = vi.fn();
    process.on('warning', heard);
    quietSqlite();
    const one = Object.assign(new Error('SQLite is an experimental feature and might change'), {
      name: 'ExperimentalWarning',
    });
    const others = [
      Object.assign(new Error('another thing'), { name: 'ExperimentalWarning' }),
      Object.assign(new Error('SQLite is deprecated'), { name: 'DeprecationWarning' }),
    ];
    for (const warning of [one, ...others]) process.emit('warning', warning);
    expect(heard.mock.calls.flat()).toEqual(others);
  });
});
