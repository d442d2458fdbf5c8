import { describe, expect, test } from 'vitest';
import { createSessionId, sessionHandleOf, sessionKeyOf } from '../../../src/session/session.ts';

describe('a session id', () => {
  test('is 128 bits, the first byte 0 for the one partition there is', () => {
    expect(createSessionId()).toMatch(/^00[0-9a-f]{30}$/);
    expect(createSessionId(() => Buffer.alloc(16, 0xff))).toBe(`00${'ff'.repeat(15)}`);
  });

  test('is another one each time', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => createSessionId()));
    expect(ids.size).toBe(1_000);
  });

  test('is not in the key that a store knows the session by, nor in its handle', () => {
    const id = createSessionId();
    const key = sessionKeyOf(id);
    expect(key).toMatch(/^[A-Za-z0-9_-]{24}$/);
    expect(sessionKeyOf(id)).toBe(key);
    const handle = sessionHandleOf(key);
    expect(handle).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const bytes = Buffer.from(id, 'hex');
    expect(Buffer.from(key, 'base64url').includes(bytes.subarray(0, 4))).toBe(false);
    expect(handle.replaceAll('-', '')).not.toContain(id.slice(2, 10));
    expect(sessionHandleOf(sessionKeyOf(createSessionId()))).not.toBe(handle);
  });
});
