import { describe, expect, it } from 'vitest';
import {
  loginOriginOf,
  withLoginOrigin,
  withoutLoginOrigin,
} from '../../../src/identity/login-origin.ts';
import { encodeUserInfo } from '../../../src/identity/user-info.ts';

const user = {
  subject: 'user1',
  directory: 'users',
  role: 'physician',
  groups: [],
  attributes: { 'portcullis:passwordMark': 'm' },
};

describe('the place that a login came from', () => {
  it('goes with the principal, beside what else is known', () => {
    const marked = withLoginOrigin(user, { address: '2001:db8::1', node: 'node one' });
    expect(loginOriginOf(marked)).toEqual({ address: '2001:db8::1', node: 'node one' });
    expect(marked.attributes).toMatchObject(user.attributes);
    expect(loginOriginOf(user)).toBeNull();
  });

  it('can be left out, and then leaves nothing behind for each', () => {
    const from = { address: '192.0.2.1', node: 'north' };
    expect(withoutLoginOrigin(withLoginOrigin(user, from))).toEqual(user);
    const bare = { ...user, attributes: {} };
    const [one, other] = [from, { ...from, address: '192.0.2.2' }].map((origin) =>
      withoutLoginOrigin(withLoginOrigin(bare, origin)),
    );
    expect(one).toEqual(bare);
    expect(one?.attributes).toBe(other?.attributes);
  });

  it('is told to no upstream', () => {
    const marked = withLoginOrigin(user, { address: '2001:db8::1', node: 'north' });
    for (const format of ['tyke', 'json'] as const) {
      expect(encodeUserInfo(marked, null, format, 4_096)).toEqual(
        encodeUserInfo(user, null, format, 4_096),
      );
    }
  });
});
