import type { Redis } from 'ioredis';

/**
 * Every command that our scripts use, tried on keys of our own that end with it. The answer is a list of those that the
 * user may not give.
 */
const tried = `#!lua
local K, H, Z, X = KEYS[1], KEYS[1]..':h', KEYS[1]..':z', KEYS[1]..':x'
local denied = {}
local function try(...)
  local answer = redis.pcall(...)
  local text = type(answer) == 'table' and answer.err or ''
  -- Redis 7.0, later ones, and Valkey.
  if string.find(text, 'executing the script') or string.find(text, 'ACL failure') or string.find(text, 'NOPERM') then
    denied[#denied + 1] = string.lower((select(1, ...)))
  end
end
try('TIME')
try('SET', K, '1', 'PX', 1000)
try('GET', K)
try('EXISTS', K)
try('PEXPIRE', K, 1000)
try('PEXPIREAT', K, '9999999999999')
try('PTTL', K)
try('HSET', H, 'f', '1')
try('HGET', H, 'f')
try('HMGET', H, 'f')
try('HGETALL', H)
try('HEXISTS', H, 'f')
try('HLEN', H)
try('HINCRBY', H, 'f', 1)
try('HDEL', H, 'f')
try('ZADD', Z, 1, 'm')
try('ZCARD', Z)
try('ZCOUNT', Z, '-inf', '+inf')
try('ZRANGE', Z, 0, -1)
try('ZREVRANGE', Z, 0, -1)
try('ZSCORE', Z, 'm')
try('ZREMRANGEBYSCORE', Z, '-inf', '(0')
try('ZREM', Z, 'm')
try('XADD', X, '1-0', 'f', '1')
try('XRANGE', X, '-', '+')
try('XREVRANGE', X, '+', '-')
try('SPUBLISH', KEYS[1], '')
try('DEL', K, H)
try('UNLINK', K, H, Z, X)
return denied
`;

const deniedWords = /^(?:NOPERM|NOAUTH)\b/;

/** The rights that a user of Redis lacks, as an ACL names them (`+xadd`, `~{gw}:*`); empty: none. */
export async function missingRights(client: Redis, prefix: string): Promise<readonly string[]> {
  const key = `{${prefix}}:doctor`;
  const missing: string[] = [];
  try {
    const denied = await client.call('EVAL', tried, '1', key);
    if (Array.isArray(denied)) missing.push(...denied.map((name: unknown) => `+${String(name)}`));
  } catch (error) {
    const text = messageOf(error);
    if (!deniedWords.test(text)) throw error;
    missing.push(/key/.test(text) ? `~{${prefix}}:*` : '+eval');
  }
  const sha = '0000000000000000000000000000000000000000';
  const asked: readonly (readonly [string, readonly string[]])[] = [
    ['evalsha', [sha, '1', key]],
    ['wait', ['0', '1']],
    ['ping', []],
    ['ssubscribe', [key]],
  ];
  for (const [command, args] of asked) {
    try {
      await client.call(command, ...args);
    } catch (error) {
      const text = messageOf(error);
      if (deniedWords.test(text)) {
        missing.push(/channel/.test(text) ? `&{${prefix}}:*` : `+${command}`);
      }
    }
  }
  return [...new Set(missing)];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
