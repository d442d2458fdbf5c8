import { describe, expect, it } from 'vitest';
import { loginOriginOf, withLoginOrigin } from '../../../src/identity/login-origin.ts';
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

  it('is told to no upstream', () => {
    const marked = withLoginOrigin(user, { address: '2001:db8::1', node: 'north' });
    for (const format of ['tyke', 'json'] as const) {
      expect(encodeUserInfo(marked, null, format, 4_096)).toEqual(
        encodeUserInfo(user, null, format, 4_096),
      );
    }
  });
});
