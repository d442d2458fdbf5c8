import { peerAddress } from './address.ts';
import { duration } from './duration.ts';
import { listOf, oneOf, optionBlock, text, wholeNumber, word } from './kinds.ts';
import { secretFile, secretText } from './secret-source.ts';

/** Names in a database are quoted, never escaped: what would need it is refused here. */
const columnForm = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/;
const tableForm = /^[A-Za-z_][A-Za-z0-9_$]{0,62}(?:\.[A-Za-z_][A-Za-z0-9_$]{0,62})?$/;

function table(example: string) {
  return text(tableForm, `the name of a table, such as ${example}`);
}

function column(example: string) {
  return text(columnForm, `the name of a column, such as ${example}`);
}

const tlsOptions = optionBlock({
  mode: oneOf(['verify', 'off'])
    .optional()
    .describe(
      '`verify`: TLS, and the server must prove its name; `off`: in the clear. Default `off` on ' +
        'this machine and `verify` elsewhere. Without verify, whoever stands between can log in ' +
        'as everybody. A certificate of your own making is verified too: name it in caFile.',
    ),
  caFile: secretFile()
    .optional()
    .describe(
      'The authorities to trust, in PEM form; relative to the folder of this configuration. ' +
        'Default: those that Node knows.',
    ),
  serverName: text(/^[A-Za-z0-9_.-]{1,253}$/, 'a host name')
    .optional()
    .describe("The name that the certificate must have. Default: the address's host."),
}).describe('How the connection to the database is protected.');

const profileOptions = optionBlock({
  table: table('myapp_userprofile').describe('The table of profiles.'),
  userColumn: column('user_id').default('user_id').describe("Its column with the user's id."),
  roleColumn: column('role').default('role').describe('Its column with the role.'),
}).describe('Where the application keeps a role for each user. Default: it keeps none.');

const tablesOptions = optionBlock({
  users: table('auth_user')
    .default('auth_user')
    .describe('The table of users. Default `auth_user`; another with AUTH_USER_MODEL.'),
  usernameColumn: column('username')
    .default('username')
    .describe("The column that users log in with: the model's USERNAME_FIELD. Default `username`."),
  groups: table('auth_group').default('auth_group').describe('The table of groups.'),
  userGroups: table('auth_user_groups')
    .optional()
    .describe('Which user is in which group. Default: the table of users and `_groups`.'),
  userGroupsColumn: column('user_id')
    .default('user_id')
    .describe(
      "Its column with the user's id, named after the model. Default `user_id`; for a model " +
        'Person it is `person_id`.',
    ),
  profile: profileOptions.optional(),
}).describe('The tables and columns. Default: those of Django itself.');

const rolesOptions = optionBlock({
  superuser: word('a role')
    .optional()
    .describe(
      'The role of users with is_superuser. Default: none, because Django does not let a ' +
        'superuser into its admin site either, unless is_staff says so.',
    ),
  staff: word('a role')
    .or(text(/^$/, 'a role'))
    .default('staffuser')
    .describe(
      'The role of users with is_staff. Default `staffuser`, who may act for others; an empty ' +
        'text gives them no role of their own.',
    ),
  profile: listOf(word('a role'), 'roles')
    .default(['physician', 'patient', 'staffuser', 'nobody'])
    .describe('The words that are taken from the profile, compared exactly; any other is none.'),
  otherwise: word('a role').default('nobody').describe('The role of everybody else.'),
}).describe('Which role a user has: superuser, then staff, then the profile, then otherwise.');

const required = {
  address: peerAddress('db.internal:3306').describe('The database server: `host:port`.'),
  database: text(/^[^\0]{1,64}$/, 'the name of a database').describe('The name of the database.'),
  username: text(/^[^\0]{1,128}$/, 'the name of an account').describe(
    'The account at the database. It needs no more than SELECT on these tables.',
  ),
};

const optional = {
  type: oneOf(['django']).describe('`django`: the users of a Django application.'),
  engine: oneOf(['mysql', 'postgresql']).describe('`mysql` (MariaDB too) or `postgresql`.'),
  password: secretText('a password').optional().describe("The account's password."),
  passwordFile: secretFile()
    .optional()
    .describe('A file that holds it instead; relative to the folder of this configuration.'),
  tls: tlsOptions.prefault({}),
  connectionsMax: wholeNumber({ min: 1, max: 100 })
    .default(10)
    .describe('Connections to the database, 1 to 100. Default 10: each login holds one for a ms.'),
  connectTimeout: duration({ min: '10ms', max: '1m' })
    .prefault('3s')
    .describe('How long connecting may take, 10ms to 1m; then the login is answered 503.'),
  queryTimeout: duration({ min: '10ms', max: '1m' })
    .prefault('3s')
    .describe('How long the database may take to answer, 10ms to 1m; then it counts as out.'),
  tables: tablesOptions.prefault({}),
  roles: rolesOptions.prefault({}),
  iterationsMax: wholeNumber({ min: 1_000, max: 50_000_000 })
    .default(5_000_000)
    .describe(
      'Rows with more PBKDF2 iterations never match, 1000 to 50000000. Default 5000000, about a ' +
        'second of one core and three times what Django 6.1 writes: who can write one row could ' +
        'else stall every login.',
    ),
  weakHashers: listOf(oneOf(['md5', 'sha1', 'unsalted_md5', 'unsalted_sha1']), 'hashers')
    .default([])
    .describe(
      'Broken kinds of hashes that are read all the same. Default: none. A stolen table of them ' +
        'is a table of passwords.',
    ),
  refusalIterations: wholeNumber({ min: 0, max: 50_000_000 })
    .default(0)
    .describe(
      'What every refusal costs at least, in PBKDF2-SHA256 iterations, 0 to 50000000, so that its ' +
        'time does not tell whose hash is dearer. Default 0: as the dearest hash among the newest ' +
        'users and those seen since.',
    ),
};

export const djangoDirectoryOptions = optionBlock({ ...optional, ...required }).describe(
  'The users of a Django application, from its MySQL, MariaDB or PostgreSQL database. Read only.',
);

/** The same, to be read also where something that is required is missing. */
export const djangoFields = djangoDirectoryOptions.partial({
  address: true,
  database: true,
  username: true,
});
