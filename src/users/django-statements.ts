import type { DjangoTablesConfig } from '../config/django-directory.ts';
import type { Dialect } from './database.ts';

/** One row a group; a user without groups has one row. Names of columns are ours. */
export function userStatement(tables: DjangoTablesConfig, dialect: Dialect): string {
  const table = quoter(dialect);
  const column = (name: string): string => dialect.quote(name);
  const { profile } = tables;
  const role = profile === null ? 'NULL' : `p.${column(profile.roleColumn)}`;
  const join =
    profile === null
      ? ''
      : `LEFT JOIN ${table(profile.table)} p ON p.${column(profile.userColumn)} = u.id `;
  return (
    `SELECT u.id AS id, u.${column(tables.usernameColumn)} AS username, u.password AS password, ` +
    'u.is_active AS is_active, u.is_staff AS is_staff, u.is_superuser AS is_superuser, ' +
    `g.name AS group_name, ${role} AS role ` +
    `FROM ${table(tables.users)} u ` +
    `LEFT JOIN ${table(tables.userGroups)} m ON m.${column(tables.userGroupsColumn)} = u.id ` +
    `LEFT JOIN ${table(tables.groups)} g ON g.id = m.group_id ` +
    join +
    `WHERE u.${column(tables.usernameColumn)} = ${dialect.parameter(1)}`
  );
}

/**
 * Passwords of the newest users, by the primary key: the dearest kind in use is among them, because
 * what Django writes only ever got dearer.
 */
export function sampleStatement(tables: DjangoTablesConfig, dialect: Dialect): string {
  return `SELECT password FROM ${quoter(dialect)(tables.users)} ORDER BY id DESC LIMIT 200`;
}

/** `schema.table` is two names. */
function quoter(dialect: Dialect): (name: string) => string {
  return (name) =>
    name
      .split('.')
      .map((part) => dialect.quote(part))
      .join('.');
}
