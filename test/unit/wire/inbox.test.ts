import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Inbox } from '../../../src/wire/inbox.ts';

function inboxOf() {
  const calls: string[] = [];
  const socket = { pause: () => calls.push('pause'), resume: () => calls.push('resume') };
  // It pauses and resumes its socket, nothing else.
  return { inbox: new Inbox(socket as unknown as Socket), calls };
}

const textOf = (inbox: Inbox): string => inbox.bytes?.toString() ?? '';

describe('an inbox', () => {
  it('keeps what was received and not used, in order', () => {
    const { inbox } = inboxOf();
    inbox.add(Buffer.from('abc'));
    inbox.add(Buffer.from('def'));
    inbox.use(2);
    expect(textOf(inbox)).toBe('cdef');
    inbox.add(Buffer.from('g'));
    expect(textOf(inbox)).toBe('cdefg');
  });

  it('is empty once all of it was used', () => {
    const { inbox } = inboxOf();
    expect(inbox.isEmpty).toBe(true);
    inbox.add(Buffer.from('abc'));
    expect(inbox.isEmpty).toBe(false);
    inbox.use(3);
    expect(inbox.isEmpty).toBe(true);
    inbox.use(3);
    expect(inbox.bytes).toBeNull();
  });

  it('copies nothing while one piece waits', () => {
    const { inbox } = inboxOf();
    const bytes = Buffer.from('abc');
    inbox.add(bytes);
    expect(inbox.bytes).toBe(bytes);
    inbox.use(1);
    expect(inbox.bytes?.buffer).toBe(bytes.buffer);
  });

  it('forgets what it has when it is cleared', () => {
    const { inbox } = inboxOf();
    inbox.add(Buffer.from('abc'));
    inbox.clear();
    expect(inbox.isEmpty).toBe(true);
  });

  it('pauses and resumes its socket once each', () => {
    const { inbox, calls } = inboxOf();
    inbox.resume();
    inbox.pause();
    inbox.pause();
    inbox.resume();
    inbox.resume();
    expect(calls).toEqual(['pause', 'resume']);
  });

  it('lets nobody send ahead without bound', () => {
    const { inbox, calls } = inboxOf();
    inbox.heedFull();
    inbox.add(Buffer.alloc(16_384));
    inbox.heedFull();
    expect(calls).toEqual([]);
    inbox.add(Buffer.alloc(1));
    inbox.heedFull();
    expect(calls).toEqual(['pause']);
  });
});
