import type { DatabaseServer, Engine } from './database-server.ts';

export interface DjangoRow {
  readonly username: string;
  readonly password: string;
  readonly isActive?: boolean;
  readonly isStaff?: boolean;
  readonly isSuperuser?: boolean;
  readonly groups?: readonly string[];
  /** Of the application's profile; none where it is left out. */
  readonly role?: string;
}

/** The tables as Django's migrations make them, as far as a login looks at them, and a profile. */
export async function createDjangoTables(server: DatabaseServer): Promise<void> {
  const { engine } = server;
  const key = engine === 'mysql' ? 'int AUTO_INCREMENT PRIMARY KEY' : 'serial NOT NULL PRIMARY KEY';
  await server.execute(`
    CREATE TABLE auth_user (
      id ${key}, password varchar(128) NOT NULL, last_login ${timeOf(engine)} NULL,
      is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE,
      first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL,
      email varchar(254) NOT NULL, is_staff bool NOT NULL, is_active bool NOT NULL,
      date_joined ${timeOf(engine)} NOT NULL
    );
    CREATE TABLE auth_group (id ${key}, name varchar(150) NOT NULL UNIQUE);
    CREATE TABLE auth_user_groups (
      id ${key}, user_id int NOT NULL REFERENCES auth_user (id),
      group_id int NOT NULL REFERENCES auth_group (id), UNIQUE (user_id, group_id)
    );
    CREATE TABLE myapp_userprofile (id ${key}, user_id int NOT NULL, role varchar(32) NOT NULL);
  `);
}

export async function addDjangoUsers(
  server: DatabaseServer,
  rows: readonly DjangoRow[],
): Promise<void> {
  const groups = new Set(rows.flatMap((row) => row.groups ?? []));
  const statements = [...groups].map(
    (group) => `INSERT INTO auth_group (name) VALUES (${quoted(group)});`,
  );
  for (const row of rows) {
    const flags = [row.isSuperuser ?? false, row.isStaff ?? false, row.isActive ?? true];
    const user = `(SELECT id FROM auth_user WHERE username = ${quoted(row.username)})`;
    statements.push(
      `INSERT INTO auth_user (username, password, first_name, last_name, email, date_joined, is_superuser, is_staff, is_active)
       VALUES (${quoted(row.username)}, ${quoted(row.password)}, '', '', '', '2026-01-01 00:00:00', ${flags.join(', ')});`,
    );
    for (const group of row.groups ?? []) {
      statements.push(
        `INSERT INTO auth_user_groups (user_id, group_id)
         SELECT ${user}, id FROM auth_group WHERE name = ${quoted(group)};`,
      );
    }
    if (row.role !== undefined) {
      statements.push(
        `INSERT INTO myapp_userprofile (user_id, role) VALUES (${user}, ${quoted(row.role)});`,
      );
    }
  }
  await server.execute(statements.join('\n'));
}

function timeOf(engine: Engine): string {
  return engine === 'mysql' ? 'datetime(6)' : 'timestamptz';
}

function quoted(text: string): string {
  if (/['\\]/.test(text)) throw new Error('no such text in these tests');
  return `'${text}'`;
}
