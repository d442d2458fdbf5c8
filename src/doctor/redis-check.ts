import type { Redis } from 'ioredis';
import { formatAddress } from '../config/address.ts';
import type { RedisStoreConfig } from '../config/redis-store.ts';
import { redisConnect } from '../session/redis-connect.ts';
import { redisFindings } from '../session/redis-findings.ts';
import type { Check, Finding } from './check.ts';
import { missingRights } from './redis-rights.ts';

const oldestMajor = 7;

const remedies: readonly (readonly [RegExp, string])[] = [
  [/may evict/, 'CONFIG SET maxmemory-policy noeviction, and in redis.conf'],
  [/append-only/, 'CONFIG SET appendonly yes, and in redis.conf'],
  [/replicas/, 'CONFIG SET min-replicas-to-write 1 and min-replicas-max-lag 10, and in redis.conf'],
];

/** Whether Redis is there, lets us do what we need, and keeps what it is given. */
export const redisCheck: Check = {
  name: 'redis',
  examine: async ({ config }) => {
    const { store } = config.sessions;
    if (store.type !== 'redis') {
      return { kind: 'nothing', reason: `sessions are in ${wordsOf[store.type]}` };
    }
    const subject = storeName(store);
    let client: Redis;
    try {
      client = await openRedis(store);
    } catch (error) {
      return { kind: 'looked', seen: subject, findings: [unreachable(subject, error)] };
    }
    try {
      return { kind: 'looked', seen: subject, findings: await findingsOf(client, store, subject) };
    } finally {
      client.disconnect();
    }
  },
};

const wordsOf = { memory: 'memory', sqlite: 'a file' };

export function storeName({ servers }: RedisStoreConfig): string {
  return `Redis ${servers.map((server) => formatAddress(server)).join(', ')}`;
}

export async function openRedis(store: RedisStoreConfig): Promise<Redis> {
  return await redisConnect(store, `{${store.keyPrefix}}:head`)();
}

async function findingsOf(
  client: Redis,
  store: RedisStoreConfig,
  subject: string,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  const info = await infoOf(client);
  // Last, because it ends with a subscription, after which a connection takes no other commands.
  const missing = [...(await missingRights(client, store.keyPrefix))];
  if (info === '') missing.push('+info');
  if (missing.length > 0) {
    findings.push({
      subject,
      fault: `its user ${store.login.username ?? 'default'} lacks the rights ${missing.join(' ')}: logins and logouts fail`,
      remedy: `ACL SETUSER ${store.login.username ?? 'default'} ${missing.join(' ')}`,
    });
  }
  const version = /^redis_version:(\S+)/m.exec(info)?.[1];
  if (version !== undefined && Number.parseInt(version, 10) < oldestMajor) {
    findings.push({
      subject,
      fault: `is version ${version}, which lets scripts read from an old primary`,
      remedy: 'install Redis 7, or Valkey 7.2 and later',
    });
  }
  for (const fault of info === '' ? [] : redisFindings(info)) {
    const remedy = remedies.find(([words]) => words.test(fault))?.[1] ?? 'see redis.conf';
    findings.push({ subject, fault, remedy });
  }
  return findings;
}

/** Empty where we may not ask. */
async function infoOf(client: Redis): Promise<string> {
  try {
    return await client.info();
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('NOPERM')) return '';
    throw error;
  }
}

function unreachable(subject: string, error: unknown): Finding {
  const text = error instanceof Error ? error.message : String(error);
  if (/WRONGPASS|NOAUTH|NOPERM/.test(text)) {
    const remedy = 'set sessions.store.username and passwordFile to what the ACL of Redis has';
    return { subject, fault: 'does not let us in: user or password are wrong', remedy };
  }
  const fault = `cannot be reached (${text}): nobody who is logged in gets through`;
  return { subject, fault, remedy: 'start it, or correct sessions.store.servers and secure' };
}
