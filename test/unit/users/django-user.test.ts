import { describe, expect, test } from 'vitest';
import type {
  DjangoRolesConfig,
  DjangoTablesConfig,
} from '../../../src/config/django-directory.ts';
import { sampleStatement, userStatement } from '../../../src/users/django-statements.ts';
import { djangoUser } from '../../../src/users/django-user.ts';

const roles: DjangoRolesConfig = {
  superuser: null,
  staff: 'staffuser',
  profile: ['physician', 'patient'],
  otherwise: 'nobody',
};

const row = {
  ...{ id: 1, username: 'user1', password: 'hash', is_active: 1, is_staff: 0, is_superuser: 0 },
  ...{ group_name: null, role: null },
};

describe('a user of Django', () => {
  test('has each group once, in order, however the joins multiply the rows', () => {
    const rows = [
      { ...row, group_name: 'b', role: 'patient' },
      { ...row, group_name: 'a', role: 'patient' },
      { ...row, group_name: 'b', role: 'patient' },
    ];
    expect(djangoUser(rows, roles)).toEqual({
      ...{ username: 'user1', password: 'hash', isActive: true, isProtected: false },
      ...{ role: 'patient', groups: ['a', 'b'] },
    });
  });

  test('is nobody where several users or none have the name, or the name could forge a line', () => {
    expect(djangoUser([], roles)).toBeNull();
    expect(djangoUser([row, { ...row, id: 2 }], roles)).toBeNull();
    expect(djangoUser([{ ...row, username: 'a\nb' }], roles)).toBeNull();
    expect(djangoUser([{ ...row, username: null }], roles)).toBeNull();
  });

  test.each([
    [{ is_staff: 1, role: 'patient' }, 'staffuser'],
    [{ is_staff: true }, 'staffuser'],
    [{ is_superuser: 1, role: 'patient' }, 'patient'],
    [{ role: 'Physician' }, 'nobody'],
    [{ role: 'physician ' }, 'nobody'],
    [{ role: 'boss' }, 'nobody'],
    [{}, 'nobody'],
  ])('of %j has the role %s', (change, role) => {
    expect(djangoUser([{ ...row, ...change }], roles)?.role).toBe(role);
  });

  test('is protected as a superuser, whatever the role', () => {
    expect(djangoUser([{ ...row, is_superuser: 1 }], roles)?.isProtected).toBe(true);
    expect(djangoUser([{ ...row, is_staff: 1 }], roles)?.isProtected).toBe(false);
  });

  test('is active only if the column says so', () => {
    for (const value of [0, false, null, undefined, 'yes', 2]) {
      expect(djangoUser([{ ...row, is_active: value }], roles)?.isActive).toBe(false);
    }
  });
});

describe('the statements', () => {
  const tables: DjangoTablesConfig = {
    ...{ users: 'crm.auth_user', usernameColumn: 'email', groups: 'auth_group' },
    ...{ userGroups: 'auth_user_groups', userGroupsColumn: 'user_id' },
    profile: { table: 'profiles', userColumn: 'user_id', roleColumn: 'role' },
  };
  const dialect = {
    quote: (name: string) => `<${name}>`,
    parameter: (index: number) => `:${String(index)}`,
  };

  test('quote each part of a name, and hold no value', () => {
    const statement = userStatement(tables, dialect);
    expect(statement).toContain('FROM <crm>.<auth_user> u');
    expect(statement).toContain('LEFT JOIN <profiles> p ON p.<user_id> = u.id');
    expect(statement).toMatch(/WHERE u\.<email> = :1$/);
    expect(userStatement({ ...tables, profile: null }, dialect)).toContain('NULL AS role');
    expect(sampleStatement(tables, dialect)).toContain('FROM <crm>.<auth_user> ORDER BY id');
  });
});
