import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Inbox } from '../../../src/wire/inbox.ts';

function inboxOf() {
  const calls: string[] = [];
  const socket = { pause: () => calls.push('pause'), resume: () => calls.push('resume') };
  // It pauses and resumes its socket, nothing else.
  return { inbox: new Inbox(socket as unknown as Socket), calls };
}

const textOf = (inbox: Inbox): string => inbox.bytes.toString('latin1', inbox.start, inbox.end);

function add(inbox: Inbox, text: string): void {
  inbox.add(Buffer.from(text), 0, text.length);
}

describe('an inbox', () => {
  it('keeps what was received and not used, in order', () => {
    const { inbox } = inboxOf();
    add(inbox, 'abc');
    inbox.keep();
    add(inbox, 'def');
    inbox.use(2);
    expect(textOf(inbox)).toBe('cdef');
    inbox.keep();
    add(inbox, 'g');
    expect(textOf(inbox)).toBe('cdefg');
  });

  it('is empty once all of it was used', () => {
    const { inbox } = inboxOf();
    expect(inbox.isEmpty).toBe(true);
    add(inbox, 'abc');
    expect(inbox.isEmpty).toBe(false);
    inbox.use(3);
    expect(inbox.isEmpty).toBe(true);
    inbox.use(3);
    inbox.keep();
    expect(inbox.isEmpty).toBe(true);
    expect(inbox.bytes).toHaveLength(0);
  });

  it('holds no octet of what was used later than it came', () => {
    const { inbox } = inboxOf();
    add(inbox, 'abc');
    inbox.keep();
    inbox.use(3);
    expect(inbox.bytes).toHaveLength(0);
  });

  it('copies nothing before the lender wants it back', () => {
    const { inbox } = inboxOf();
    const lent = Buffer.from('abcdef');
    inbox.add(lent, 0, 4);
    inbox.use(1);
    expect(inbox.bytes).toBe(lent);
    inbox.keep();
    lent.fill('?');
    expect(textOf(inbox)).toBe('bcd');
  });

  it('takes no octet that was not read', () => {
    const { inbox } = inboxOf();
    inbox.add(Buffer.from('abc and what was there before'), 0, 3);
    inbox.keep();
    inbox.add(Buffer.from('d and more'), 0, 1);
    expect(textOf(inbox)).toBe('abcd');
  });

  it('forgets what it has when it is cleared', () => {
    const { inbox } = inboxOf();
    add(inbox, 'abc');
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
    inbox.add(Buffer.alloc(16_384), 0, 16_384);
    inbox.heedFull();
    expect(calls).toEqual([]);
    inbox.add(Buffer.alloc(1), 0, 1);
    inbox.heedFull();
    expect(calls).toEqual(['pause']);
  });
});
