import { describe, expect, it } from 'vitest';
import { Lifecycle, type Phase } from '../../../src/lifecycle/phase.ts';

describe('the life of a gateway', () => {
  it('goes from starting to stopped, and tells of every move', () => {
    const seen: Phase[] = [];
    const life = new Lifecycle((phase) => seen.push(phase));
    expect(life.phase).toBe('starting');
    for (const phase of ['ready', 'draining', 'stopped'] as const) life.enter(phase);
    expect(seen).toEqual(['ready', 'draining', 'stopped']);
    expect(life.phase).toBe('stopped');
  });

  it('may end before it began', () => {
    const life = new Lifecycle();
    life.enter('stopped');
    expect(life.phase).toBe('stopped');
  });

  it('never goes back', () => {
    const life = new Lifecycle();
    life.enter('ready');
    expect(() => life.enter('starting')).toThrow('no way from ready to starting');
    life.enter('draining');
    expect(() => life.enter('ready')).toThrow('no way from draining to ready');
    life.enter('stopped');
    expect(() => life.enter('ready')).toThrow('no way from stopped to ready');
  });
});
