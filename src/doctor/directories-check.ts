import { isLoopback } from '../config/address.ts';
import type { DirectoryConfig } from '../config/directory.ts';
import type { LdapDirectoryConfig } from '../config/ldap-directory.ts';
import type { TokenDirectoryConfig } from '../config/token-directory.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log, LogFields } from '../observability/log.ts';
import { silentLog } from '../observability/log.ts';
import { ProviderKeys } from '../tokens/provider-keys.ts';
import { createDirectory, type PasswordDirectoryConfig } from '../users/create-directory.ts';
import { openLdapSocket } from '../users/ldap-socket.ts';
import type { Check, Finding } from './check.ts';

/** Nobody's name: a directory that is there says so. */
const nobody = 'portcullis-doctor-nobody';

/** Whether each directory answers, and whether passwords go there unseen. */
export const directoriesCheck: Check = {
  name: 'directories',
  examine: async ({ clock, config }) => {
    const { directories } = config;
    if (directories.length === 0) return { kind: 'nothing', reason: 'nobody logs in here' };
    const found = await Promise.all(directories.map((one) => findingsOf(one, clock)));
    const seen = directories.map(({ name, type }) => `${name} (${type})`).join(', ');
    return { kind: 'looked', seen, findings: found.flat() };
  },
};

async function findingsOf(directory: DirectoryConfig, clock: Clock): Promise<readonly Finding[]> {
  switch (directory.type) {
    case 'static':
      return [];
    case 'token':
      return await providerFindings(directory, clock);
    case 'ldap':
      return await ldapFindings(directory, clock);
    case 'sqlite':
    case 'django':
      return await lookUpFindings(directory, clock);
  }
}

/** Asked about nobody in the way of a login; `reason` null: it answers. */
async function reasonOf(directory: PasswordDirectoryConfig, clock: Clock): Promise<string | null> {
  let said = '';
  const hear = (_event: string, fields: LogFields = {}): void => {
    const word = fields['message'] ?? fields['error'] ?? fields['reason'];
    if (typeof word === 'string') said = word;
  };
  const log: Log = { ...silentLog, debug: hear, warn: hear, error: hear };
  const keys = { checkKey: async () => 'unavailable' as const };
  const asked = await createDirectory(directory, { keys, clock, log });
  try {
    const verdict = await asked.find(nobody);
    return verdict.kind === 'unavailable' ? said || 'no answer' : null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await asked.close?.();
  }
}

async function lookUpFindings(
  directory: Extract<DirectoryConfig, { type: 'sqlite' | 'django' }>,
  clock: Clock,
): Promise<readonly Finding[]> {
  const reason = await reasonOf(directory, clock);
  if (reason === null) return [];
  const remedy =
    directory.type === 'sqlite'
      ? `make ${directory.path} with \`portcullis users add\`, as the user that the gateway runs as`
      : 'start the database, or correct address, database, username, password and tables';
  const fault = `cannot be asked (${reason}): logins are answered 503`;
  return [{ subject: `directory ${directory.name}`, fault, remedy }];
}

async function ldapFindings(
  config: LdapDirectoryConfig,
  clock: Clock,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let isAnyThere = false;
  for (const server of config.servers) {
    const subject = `directory ${config.name}, ${server.host}:${server.port}`;
    if (!server.isTls && !config.isStartTls && !isLoopback(server.host)) {
      findings.push({
        subject,
        fault: 'passwords go to this LDAP server in the clear: everybody on the way can read them',
        remedy: 'use ldaps:// or startTls: true, and take insecureClearText out',
      });
    }
    try {
      const socket = await openLdapSocket({ ...config, server });
      socket.destroy();
      isAnyThere = true;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const fault = `no connection that could be used (${text})`;
      findings.push({ subject, fault, remedy: 'start it, or correct urls, caFile and servername' });
    }
  }
  // Without an account of its own nobody can be looked up, and nothing more is to be found out.
  if (!isAnyThere || config.service === null) return findings;
  const reason = await reasonOf(config, clock);
  if (reason !== null) {
    findings.push({
      subject: `directory ${config.name}`,
      fault: `the service account finds nobody (${reason}): logins are answered 503`,
      remedy: 'correct service.dn, its password, userBase and userFilter',
    });
  }
  return findings;
}

async function providerFindings(
  { algorithms, issuer, keys, name }: TokenDirectoryConfig,
  clock: Clock,
): Promise<readonly Finding[]> {
  let reason = '';
  const provider = new ProviderKeys({
    ...{ algorithms, clock, issuer, config: keys },
    onChange: (error) => {
      reason = error instanceof Error ? error.message : '';
    },
  });
  const [algorithm = 'RS256'] = algorithms;
  const answer = await provider.keyFor(nobody, algorithm);
  if (answer.kind !== 'unavailable') return [];
  const fault = `the keys of ${issuer} cannot be read (${reason || 'no answer'}): its tokens are answered 503`;
  const remedy = 'start the provider, or correct issuer, keys.url and keys.caFile';
  return [{ subject: `directory ${name}`, fault, remedy }];
}
