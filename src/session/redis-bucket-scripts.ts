import { debtFillingsMax } from '../lib/bucket-store.ts';
import { redisScript, serverTime, type RedisScript } from './redis-scripts.ts';

/*
 * Buckets of tokens in Redis, under the same rules as the scripts of the sessions but one: counts that a fail-over lost
 * are lost, so no script looks at the epoch. With `{prefix}:` before each:
 *
 *   count:TABLE        sorted set of buckets by when they are full again, in milliseconds; a full one is none
 *   empty:TABLE        sorted set of those without a token by when there is one again, in tables that can be listed
 *   empty:TABLE:NAME   the sealed name of one of these, for as long
 *   place:WHO          hash of where somebody has logged in: place → when, and its sealed name
 *
 * ARGV[3] is the table, ARGV[4] how many entries it may have, ARGV[5] what becomes of newcomers while it is full.
 */

const open = (time: string): string => `
local P = ARGV[2]
local now = ${time}
local function exact(n) return string.format('%.17g', n) end
local function whole(n) return string.format('%.0f', n) end
`;

const tables = `
local T, E, max, forgets = P..'count:'..ARGV[3], P..'empty:'..ARGV[3], tonumber(ARGV[4]), ARGV[5] == 'forget'
redis.call('ZREMRANGEBYSCORE', T, '-inf', exact(now))
redis.call('ZREMRANGEBYSCORE', E, '-inf', exact(now))
local function lives(key, at)
  if redis.call('PTTL', key) < at - now then redis.call('PEXPIREAT', key, whole(math.ceil(at))) end
end
local function find(name, slot)
  local full = redis.call('ZSCORE', T, name)
  if not full and not forgets and redis.call('ZCARD', T) >= max then
    name = slot
    full = redis.call('ZSCORE', T, slot)
  end
  return name, math.max(now, tonumber(full or now))
end
local function forget(name)
  redis.call('ZREM', E, name)
  redis.call('DEL', E..':'..name)
end
local function put(name, full, capacity, refill, sealed)
  local token = full - (capacity - 1) * refill
  if full <= now then redis.call('ZREM', T, name) else
    if forgets and redis.call('ZCARD', T) >= max and not redis.call('ZSCORE', T, name) then
      redis.call('ZREM', T, redis.call('ZRANGE', T, 0, 0)[1])
    end
    redis.call('ZADD', T, exact(full), name)
    lives(T, full)
  end
  if sealed == '' then return end
  if token <= now then return forget(name) end
  redis.call('SET', E..':'..name, sealed, 'PX', whole(math.ceil(token - now)))
  redis.call('ZADD', E, exact(token), name)
  lives(E, token)
end
`;

/** Shares from ARGV[i] on: name, slot, capacity, refill, sealed name each. What many share has nobody's name. */
const shares = `
local function shareAt(i)
  local name, full = find(ARGV[i], ARGV[i + 1])
  local sealed = ARGV[i + 4]
  if name ~= ARGV[i] then sealed = '' end
  return name, full, tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]), sealed
end
local function spend(i, tokens)
  local name, full, capacity, refill, sealed = shareAt(i)
  put(name, math.min(full + tokens * refill, now + capacity * refill), capacity, refill, sealed)
end
`;

const take = `
for i = 6, #ARGV, 5 do
  local name, full, capacity, refill = shareAt(i)
  local wait = math.min(full, now + capacity * refill) - now - (capacity - 1) * refill
  if wait > 0.001 then return {'empty', (i - 6) / 5, exact(wait)} end
end
for i = 6, #ARGV, 5 do spend(i, 1) end
return {'taken'}
`;

const giveBack = `
for i = 6, #ARGV, 5 do
  local name, full, capacity, refill, sealed = shareAt(i)
  if full > now then put(name, full - refill, capacity, refill, sealed) end
end
return {'ok'}
`;

/** ARGV: 6 tokens, then one share. */
const charge = `
spend(7, tonumber(ARGV[6]))
return {'ok'}
`;

/** Orders from ARGV[6] on: name, slot, capacity, refill, owed, wanted each. */
const lease = `
local sharers = math.max(1, redis.call('HLEN', P..'members'))
local out = {'ok', sharers}
for i = 6, #ARGV, 6 do
  local name, full = find(ARGV[i], ARGV[i + 1])
  local capacity, refill = tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
  local depth = capacity * refill
  full = math.min(full + tonumber(ARGV[i + 4]) * refill, now + math.max(${String(debtFillingsMax)}, sharers) * depth)
  local left = math.floor((now + depth - full) / refill + 0.000001)
  local granted = math.max(0, math.min(tonumber(ARGV[i + 5]), math.floor(left / sharers)))
  full = full + granted * refill
  put(name, full, capacity, refill, '')
  out[#out + 1] = granted
  out[#out + 1] = exact(full - now)
end
return out
`;

/** ARGV: 6 how many at most. */
const listEmpty = `
local out = {'ok'}
local rows = redis.call('ZRANGE', E, 0, tonumber(ARGV[6]) - 1, 'WITHSCORES')
for i = 1, #rows, 2 do
  local sealed = redis.call('GET', E..':'..rows[i])
  if sealed then
    out[#out + 1] = rows[i]
    out[#out + 1] = sealed
    out[#out + 1] = exact(tonumber(rows[i + 1]) - now)
  end
end
return out
`;

/** ARGV: names from 6 on. */
const refill = `
local count = 0
for i = 6, #ARGV do
  count = count + redis.call('ZREM', T, ARGV[i])
  forget(ARGV[i])
end
return {'ok', count}
`;

const refillAll = `
local count = redis.call('ZCARD', T)
for _, name in ipairs(redis.call('ZRANGE', E, 0, -1)) do redis.call('DEL', E..':'..name) end
redis.call('DEL', T, E)
return {'ok', count}
`;

/** ARGV: 3 who, 4 where. */
const hasPlace = `
return {'ok', redis.call('HEXISTS', P..'place:'..ARGV[3], ARGV[4])}
`;

/** ARGV: 3 who, 4 where, 5 its sealed name, 6 how many at most, 7 for how long they are remembered. */
const addPlace = `
local key = P..'place:'..ARGV[3]
redis.call('HSET', key, ARGV[4], whole(now)..' '..ARGV[5])
local rows, others = redis.call('HGETALL', key), {}
for i = 1, #rows, 2 do
  if rows[i] ~= ARGV[4] then others[#others + 1] = {rows[i], tonumber(string.match(rows[i + 1], '^%d+'))} end
end
table.sort(others, function(one, other) return one[2] > other[2] end)
for i = tonumber(ARGV[6]), #others do redis.call('HDEL', key, others[i][1]) end
redis.call('PEXPIRE', key, ARGV[7])
return {'ok'}
`;

/** ARGV: 3 who. */
const placesOf = `return {'ok', redis.call('HGETALL', P..'place:'..ARGV[3])}`;

export type RedisBucketScripts = ReturnType<typeof redisBucketScripts>;

/** What frees something runs on a full Redis too; what counts does not, and is counted by each gateway then. */
export function redisBucketScripts(time: string = serverTime) {
  const script = (flags: string, ...parts: readonly string[]): RedisScript =>
    redisScript([`#!lua${flags}`, open(time), ...parts].join('\n'));
  const always = ' flags=allow-oom';
  return {
    take: script('', tables, shares, take),
    giveBack: script(always, tables, shares, giveBack),
    charge: script('', tables, shares, charge),
    lease: script('', tables, lease),
    listEmpty: script(always, tables, listEmpty),
    refill: script(always, tables, refill),
    refillAll: script(always, tables, refillAll),
    hasPlace: script(always, hasPlace),
    addPlace: script('', addPlace),
    placesOf: script(always, placesOf),
  };
}
