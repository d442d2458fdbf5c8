import * as z from 'zod';
import { duration } from './duration.ts';
import { flag, listOf, oneOf, optionBlock, text, textThat, wholeNumber } from './kinds.ts';
import { fallbackRole, roleRules } from './role-rule.ts';
import { secretFile, secretText } from './secret-source.ts';

const dnPattern = /^[A-Za-z0-9.-]+=.*$/u;
export const dnExpected = 'a distinguished name such as ou=people,dc=example,dc=org';
const attributePattern = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const serverPattern = /^ldaps?:\/\/[^/?#\s]+\/?$/;
const serverExpected = 'a server such as ldaps://dc1.example.org or ldap://dc1.example.org:389';

const groupsOptions = optionBlock({
  from: oneOf([
    ...(['memberOf', 'activeDirectory', 'groupOfNames'] as const),
    ...(['groupOfUniqueNames', 'posixGroup', 'none'] as const),
  ])
    .default('memberOf')
    .describe(
      'Where groups come from. `memberOf` (the default): an attribute of the user, which Active ' +
        'Directory always has and OpenLDAP with its memberof overlay. `activeDirectory`: a search ' +
        'that the server answers with all groups above the user, nested ones included; dear on big ' +
        'trees. `groupOfNames`, `groupOfUniqueNames`, `posixGroup`: a search for groups that name ' +
        'the user. `none`: nobody is in a group. The primary group of Active Directory ' +
        '(Domain Users) is never among them.',
    ),
  attribute: text(attributePattern, 'an attribute')
    .default('memberOf')
    .describe('The attribute that `from: memberOf` reads. Default `memberOf`.'),
  base: text(dnPattern, dnExpected)
    .optional()
    .describe('Below which entry groups are searched for. Default: userBase.'),
  depthMax: wholeNumber({ min: 0, max: 20 })
    .default(0)
    .describe(
      'How many steps up groups of groups are followed, 0 to 20. Default 0: only groups that name ' +
        'the user. Each step costs questions to the server. `activeDirectory` follows them itself; ' +
        '`posixGroup` has none.',
    ),
  groupsMax: wholeNumber({ min: 1, max: 10_000 })
    .default(1000)
    .describe(
      'How many groups of a user are looked for, 1 to 10000; more than that give no rights, and ' +
        'the log says so. Default 1000.',
    ),
}).describe('Where the groups of users come from.');

export const serviceOptions = optionBlock({
  dn: textThat((value) => /[=@\\]/.test(value), /^\S.*$/u, 'the name of the service account')
    .optional()
    .describe('The distinguished name of the service account (Active Directory: name@domain too).'),
  password: secretText('the password of the service account')
    .optional()
    .describe('Its password; better in a file, or ${NAME} from the environment.'),
  passwordFile: secretFile()
    .optional()
    .describe('A file that holds its password; relative to the folder of this configuration.'),
}).describe(
  'The account that looks users and groups up. Without it, and with bindName, staff can act upon ' +
    'users of this directory only as far as live sessions know them. Give it no more rights than ' +
    'to read.',
);

const timing = {
  connectTimeout: duration({ min: '100ms', max: '1m' })
    .prefault('3s')
    .describe(
      'How long a connection may take until it can be used, TLS included; then the next server is ' +
        'tried. 100ms to 1m, default 3s: a login waits for it.',
    ),
  operationTimeout: duration({ min: '100ms', max: '1m' })
    .prefault('5s')
    .describe('How long an answer may take, 100ms to 1m. Default 5s.'),
  failover: duration({ min: '1s', max: '1h' })
    .prefault('30s')
    .describe(
      'How long a server that failed is passed over if there is another one, 1s to 1h. Default 30s.',
    ),
  connections: wholeNumber({ min: 1, max: 32 })
    .default(2)
    .describe(
      'Connections of the service account, 1 to 32. Default 2; each carries many searches.',
    ),
  bindsMax: wholeNumber({ min: 1, max: 1000 })
    .default(16)
    .describe(
      'Passwords that are tried at once, each on a connection of its own, 1 to 1000. Default 16: ' +
        'the server feels a storm of logins no more than that.',
    ),
  bindQueueMax: wholeNumber({ min: 0, max: 10_000 })
    .default(64)
    .describe(
      'Logins that wait for one of them, for operationTimeout at most, 0 to 10000; further ones ' +
        'are answered 503. Default 64.',
    ),
};

const shape = {
  type: oneOf(['ldap']).describe('`ldap`: users of an LDAP server or of Active Directory.'),
  urls: listOf(textThat(isServer, serverPattern, serverExpected), 'servers')
    .min(1, { error: 'a list with at least one server' })
    .describe(
      'The servers, in the order in which they are wanted; a later one is asked while an earlier ' +
        'one fails. `ldaps://` is TLS from the first byte (port 636), `ldap://` begins in the clear ' +
        '(port 389).',
    ),
  startTls: flag()
    .default(false)
    .describe('Turns `ldap://` connections into TLS before anything is said. Default false.'),
  insecureClearText: flag()
    .default(false)
    .describe(
      'Allows `ldap://` without startTls to other machines. Default false: everybody on the way ' +
        'can read every password that is typed.',
    ),
  caFile: secretFile()
    .optional()
    .describe(
      'A PEM file with the authorities that may have signed the servers’ certificates, in place of ' +
        'those that Node trusts; relative to the folder of this configuration. Certificates are ' +
        'always verified.',
    ),
  servername: text(/^[A-Za-z0-9_.-]{1,253}$/, 'a host name')
    .optional()
    .describe(
      'The name that the servers’ certificates must have. Default: the host of each server; needed ' +
        'where that is an address and the certificate names none.',
    ),
  service: serviceOptions.optional(),
  bindName: textThat((value) => value.includes('{username}'), /^\S.*$/u, 'a name with {username}')
    .optional()
    .describe(
      'The name to try a password with, made from the typed name: ' +
        '`uid={username},ou=people,dc=example,dc=org`, or for Active Directory ' +
        '`{username}@example.org` or `EXAMPLE\\{username}`. Default: none, the service account looks ' +
        'the entry up, which works with any tree.',
    ),
  userBase: text(dnPattern, dnExpected)
    .optional()
    .describe('Below which entry users are searched for. Not needed where bindName has a `=`.'),
  userFilter: textThat(isFilter, /^\(.*\)$/su, 'a filter in parentheses, such as (uid={username})')
    .optional()
    .describe(
      'The search for a user; exactly one entry may match. Default `(uid={username})`, and ' +
        '`(objectClass=*)` where bindName has a `=`. For Active Directory: ' +
        '`(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2))(sAMAccountName={username}))`. ' +
        'What is typed stays a value, whatever stands in it.',
    ),
  usernameAttribute: text(attributePattern, 'an attribute')
    .default('uid')
    .describe(
      'The attribute that holds the name of a user, which is the name that everybody is told, ' +
        'however it was typed. Default `uid`; Active Directory: `sAMAccountName`.',
    ),
  groups: groupsOptions.prefault({}),
  roles: roleRules(
    'by its distinguished name, or by the first value of that; upper and lower case are the same. ' +
      'A name alone is dangerous where others may make groups of that name elsewhere in the tree.',
  ),
  role: fallbackRole(),
  ...timing,
};

export const ldapDirectoryOptions = optionBlock(shape).describe(
  'Users of an LDAP server or of Active Directory.',
);

/** The service account is read by itself. */
export const ldapFields = optionBlock({ ...shape, service: z.unknown().optional() });

function isServer(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { hostname, password, port, username } = new URL(value);
  return hostname !== '' && username === '' && password === '' && port !== '0';
}

/** As far as parentheses go; whether its attributes exist only a server can tell. */
function isFilter(value: string): boolean {
  let depth = 0;
  for (const [index, char] of [...value].entries()) {
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (depth === 0 && index < [...value].length - 1) return false;
  }
  return depth === 0 && value.length <= 1000;
}
