import { hash } from 'node:crypto';
import { mark, members, poll, strike } from './redis-log-scripts.ts';

/*
 * Everything that is asked of Redis, reads too, is a script that begins with `#!lua` and without `no-writes`: Redis 7
 * refuses such a script on a replica and on a primary that has lost its replicas, even if it writes nothing. A plain
 * GET is served there, and reading through an old primary has no bound.
 *
 * KEYS[1] is the head of the store, so that a cluster knows the slot; everything else has the same hash tag. ARGV[1] is
 * the epoch: the run id of the server that the connection leads to, and the number that the last poll was told; ARGV[2]
 * the prefix. A script that finds another epoch in the head says `epoch` and does nothing: the store may have lost its
 * tail, and only a poll may begin a new epoch. It does so where the server is another process, and where whoever polls
 * has seen a later epoch than this server knows: then others have gone on elsewhere, and it is the server's past.
 *
 *   head      hash: run, epoch, since, new (the epoch); bound (longest staleness of a member); order (of creations);
 *             ended (latest end of all sessions of some user); mark (no meaning)
 *             before, everybody: who was there before this moment has ended, and by which entry
 *             born: the latest creation, by whichever clock (that of the next primary may be behind)
 *   log       stream of revocations, ids `n-0`: t tag, p payload, m signature
 *   members   hash: worker → sequence:bound
 *   s:KEY     hash, a session, for two touch intervals longer than it may be idle: v sealed, c created, d deadline, l last seen, u user, a actor's session, w actor;
 *             or a tombstone: r number of the entry
 *   u:USER, a:USER, i:KEY   sorted sets of session keys by order of creation: of a user, by an actor, opened from a
 *             session
 *   r:USER    when all sessions of this user were ended
 *   all       sorted set of session keys by when they expire
 */

export interface RedisScript {
  readonly text: string;
  readonly sha: string;
}

/** How the scripts know the time: milliseconds. */
export const serverTime = `(function() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end)()`;

const logMax = 100_000;

const open = (time: string): string => `
local P = ARGV[2]
local now = ${time}
local function text(n) return string.format('%.0f', n) end
local function last()
  local found = redis.call('XREVRANGE', P..'log', '+', '-', 'COUNT', 1)
  if #found == 0 then return 0, '' end
  return tonumber(string.match(found[1][1], '^%d+')), found[1][2][2]
end
`;

const sameEpoch = `
local head = redis.call('HMGET', KEYS[1], 'run', 'since', 'bound', 'before', 'epoch', 'born')
if not head[1] or head[1]..' '..(head[5] or '0') ~= ARGV[1] then return {'epoch'} end
`;

/** A number that no end so far is above, also when the clock has gone back: in microseconds, and ends are one more. */
const latest = `
local function latest()
  return math.max(now * 1000, tonumber(redis.call('HGET', KEYS[1], 'ended') or '0'),
    tonumber(head[4] or '0') * 1000)
end
`;

/** A live record as {v, c, d, l, u, a, w}, else nil and why. */
const records = `
local function look(key, idle)
  local r = redis.call('HMGET', P..'s:'..key, 'r', 'v', 'c', 'd', 'l', 'u', 'a', 'w')
  if r[1] then return nil, 'revoked' end
  if not r[2] then return nil, 'unknown' end
  if head[4] and tonumber(r[3]) < tonumber(head[4]) then return nil, 'revoked' end
  if now >= tonumber(r[4]) or now - tonumber(r[5]) >= idle then return nil, 'expired' end
  return {r[2], r[3], r[4], r[5], r[6], r[7], r[8]}
end
`;

/**
 * `claimed(i)`: keys from ARGV[i], their count first. `close`: adds what was opened from them. `commit(i, keys)`: writes
 * the entries from ARGV[i] (their count, then tag, payload, signature each; with numbers above one, if it is given) and
 * ends the keys; says how many were alive.
 */
const commits = `
local function claimed(i)
  local keys, known = {}, {}
  for k = i + 1, i + tonumber(ARGV[i]) do keys[#keys + 1] = ARGV[k] known[ARGV[k]] = true end
  return keys, known, i + tonumber(ARGV[i]) + 1
end
local function close(keys)
  local all, seen = {}, {}
  local function add(key)
    if seen[key] then return end
    seen[key] = true
    all[#all + 1] = key
    for _, opened in ipairs(redis.call('ZRANGE', P..'i:'..key, 0, -1)) do add(opened) end
  end
  for _, key in ipairs(keys) do add(key) end
  return all
end
local function unclaimed(keys, known)
  for _, key in ipairs(keys) do if not known[key] then return true end end
  return false
end
local function bury(key, n, idle, absolute)
  local name = P..'s:'..key
  local r = redis.call('HMGET', name, 'r', 'v', 'c', 'd', 'l', 'u', 'a', 'w')
  if r[1] then return 0 end
  redis.call('DEL', name)
  redis.call('HSET', name, 'r', n)
  if not r[2] then
    redis.call('PEXPIRE', name, absolute)
    return 0
  end
  redis.call('PEXPIREAT', name, r[4])
  redis.call('ZREM', P..'u:'..r[6], key)
  redis.call('ZREM', P..'all', key)
  local isOld = head[4] and tonumber(r[3]) < tonumber(head[4])
  if r[7] ~= '' then
    redis.call('ZREM', P..'i:'..r[7], key)
    redis.call('ZREM', P..'a:'..r[8], key)
  end
  if isOld or now >= tonumber(r[4]) or now - tonumber(r[5]) >= idle then return 0 end
  return 1
end
local function commit(i, keys, idle, absolute, above)
  local n = math.max((last()), above or 0)
  local first, messages, alive = n + 1, {}, 0
  for e = 1, tonumber(ARGV[i]) do
    local at = i + 1 + (e - 1) * 3
    n = n + 1
    redis.call('XADD', P..'log', 'MAXLEN', '~', ${String(logMax)}, text(n)..'-0',
      't', ARGV[at], 'p', ARGV[at + 1], 'm', ARGV[at + 2])
    messages[e] = text(n)..'\\n'..ARGV[at]..'\\n'..ARGV[at + 1]..'\\n'..ARGV[at + 2]
  end
  for _, key in ipairs(keys) do alive = alive + bury(key, text(n), idle, absolute) end
  for _, message in ipairs(messages) do redis.call('SPUBLISH', P..'bus', message) end
  return {text(first), alive, redis.call('HGETALL', P..'members'),
    text(now - tonumber(head[2])), head[3] or '0'}
end
`;

const read = `
local out = {'ok'}
local idle = tonumber(ARGV[3])
for i = 4, #ARGV do
  local record, why = look(ARGV[i], idle)
  out[#out + 1] = record or why
end
return out
`;

/**
 * ARGV: 3 idle, 4 absolute, 5 per user, 6 since (-1: not asked), 7 impersonation at most, 8 key, 9 value, 10 user,
 * 11 actor's session, 12 actor, 13 how long a record outlives idleness, 14 claimed surplus, entries.
 */
const create = `
local idle, absolute, perUser = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local key, user, from, actor = ARGV[8], ARGV[10], ARGV[11], ARGV[12]
if redis.call('EXISTS', P..'s:'..key) == 1 then return {'taken'} end
local ended = redis.call('GET', P..'r:'..user)
local born = math.max(now, tonumber(head[4] or '0'))
local since = tonumber(ARGV[6])
if since >= 0 and ended and tonumber(ended) > since then return {'overtaken'} end
if since >= 0 and head[4] and tonumber(head[4]) * 1000 > since then return {'overtaken'} end
local deadline = now + absolute
if from ~= '' then
  local behind = look(from, idle)
  if not behind or behind[6] ~= '' or behind[5] ~= actor then return {'actorEnded'} end
  deadline = math.min(deadline, tonumber(behind[3]), now + tonumber(ARGV[7]))
end
local function surplusOf(index)
  local surplus, alive = {}, 0
  if redis.call('ZCARD', index) < perUser then return surplus end
  for _, one in ipairs(redis.call('ZREVRANGE', index, 0, -1)) do
    local record, why = look(one, idle)
    if record then
      alive = alive + 1
      if alive >= perUser then surplus[#surplus + 1] = one end
    elseif why == 'unknown' then
      redis.call('ZREM', index, one)
    end
  end
  return surplus
end
local surplus = surplusOf(P..'u:'..user)
if from ~= '' then
  for _, one in ipairs(surplusOf(P..'a:'..actor)) do surplus[#surplus + 1] = one end
end
surplus = close(surplus)
local keys, known, rest = claimed(14)
if unclaimed(surplus, known) then return {'more', surplus} end
local done = {}
if #surplus > 0 then done = commit(rest, surplus, idle, absolute) end
local name = P..'s:'..key
local order = redis.call('HINCRBY', KEYS[1], 'order', 1)
local gone = math.min(deadline, now + idle)
local kept = math.min(deadline, now + idle + tonumber(ARGV[13]))
if born > tonumber(head[6] or '0') then redis.call('HSET', KEYS[1], 'born', text(born)) end
redis.call('HSET', name, 'v', ARGV[9], 'c', text(born), 'd', text(deadline), 'l', text(now),
  'u', user, 'a', from, 'w', actor)
redis.call('PEXPIREAT', name, text(kept))
redis.call('ZADD', P..'all', text(gone), key)
local function enter(index)
  redis.call('ZADD', index, order, key)
  if redis.call('PTTL', index) < absolute then redis.call('PEXPIREAT', index, text(now + absolute)) end
end
enter(P..'u:'..user)
if from ~= '' then enter(P..'i:'..from) enter(P..'a:'..actor) end
return {'created', text(now), text(deadline), surplus, done}
`;

/** ARGV: 3 idle, 4 absolute, 5 'lost' or '', 6 claimed, entries. What was lost is written where nothing stands. */
const revoke = `
local idle, absolute = tonumber(ARGV[3]), tonumber(ARGV[4])
local keys, known, rest = claimed(6)
local all = close(keys)
if ARGV[5] == 'lost' then
  local fresh = {}
  for _, key in ipairs(all) do
    if redis.call('HEXISTS', P..'s:'..key, 'r') == 0 then fresh[#fresh + 1] = key end
  end
  if #fresh == 0 then return {'revoked', all, {}} end
end
if unclaimed(all, known) then return {'more', all} end
return {'revoked', all, commit(rest, all, idle, absolute)}
`;

/** ARGV: 3 idle, 4 absolute, 5 user, 6 caller or '', 7 claimed, entries. */
const revokeUser = `
local idle, absolute, user = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if ARGV[6] ~= '' and not look(ARGV[6], idle) then return {'callerEnded'} end
local keys, known, rest = claimed(7)
local found = redis.call('ZRANGE', P..'u:'..user, 0, -1)
for _, one in ipairs(redis.call('ZRANGE', P..'a:'..user, 0, -1)) do found[#found + 1] = one end
local all = {}
for _, one in ipairs(close(found)) do
  if redis.call('HEXISTS', P..'s:'..one, 'v') == 1 then all[#all + 1] = one end
end
if unclaimed(all, known) then return {'more', all} end
local done = {}
if #all > 0 then done = commit(rest, all, idle, absolute) end
local ended = latest() + 1
redis.call('HSET', KEYS[1], 'ended', text(ended))
redis.call('SET', P..'r:'..user, text(ended), 'PX', absolute)
redis.call('DEL', P..'u:'..user, P..'a:'..user)
return {'revoked', all, done}
`;

/**
 * ARGV: 3 the number of an entry of this kind that may have been lost, or '', 4 entries. Who was there before is looked at
 * no more: a moment in the head says that they have ended. The new entry has a number above the lost one, so that whoever
 * else remembers that is told that it has been seen to.
 */
const revokeAll = `
if ARGV[3] ~= '' and tonumber(redis.call('HGET', KEYS[1], 'everybody') or '0') >= tonumber(ARGV[3]) then
  return {'revoked', {}, {}}
end
local alive = redis.call('ZCOUNT', P..'all', '('..text(now), '+inf')
local before = math.max(math.floor(latest() / 1000), tonumber(head[6] or '0')) + 1
redis.call('HSET', KEYS[1], 'before', text(before))
redis.call('UNLINK', P..'all')
local done = commit(4, {}, 0, 0, tonumber(ARGV[3]))
redis.call('HSET', KEYS[1], 'everybody', done[1])
done[2] = alive
return {'revoked', {}, done}
`;

/** ARGV: 3 idle, 4 how long a record outlives idleness, then key and how long ago it was seen. */
const touch = `
local idle, late = tonumber(ARGV[3]), tonumber(ARGV[4])
local gone, revoked = {}, {}
for i = 5, #ARGV, 2 do
  local key = ARGV[i]
  local name = P..'s:'..key
  local r = redis.call('HMGET', name, 'r', 'v', 'd', 'l', 'c')
  if r[1] or r[5] and head[4] and tonumber(r[5]) < tonumber(head[4]) then revoked[#revoked + 1] = key
  elseif not r[2] or now >= tonumber(r[3]) then gone[#gone + 1] = key
  else
    local seen = math.max(tonumber(r[4]), now - math.max(0, tonumber(ARGV[i + 1])))
    redis.call('HSET', name, 'l', text(seen))
    redis.call('PEXPIREAT', name, text(math.min(tonumber(r[3]), seen + idle + late)))
    redis.call('ZADD', P..'all', text(math.min(tonumber(r[3]), seen + idle)), key)
  end
end
return {'ok', gone, revoked}
`;

const list = `
local out = {'ok'}
for _, key in ipairs(redis.call('ZREVRANGE', P..'u:'..ARGV[4], 0, -1)) do
  local record = look(key, tonumber(ARGV[3]))
  if record then out[#out + 1] = key out[#out + 1] = record end
end
return out
`;

/** ARGV: 3 idle, 4 skipped, 5 at most. */
const page = `
local out = {'ok'}
local first = tonumber(ARGV[4])
for _, key in ipairs(redis.call('ZREVRANGE', P..'all', first, first + tonumber(ARGV[5]) - 1)) do
  local record = look(key, tonumber(ARGV[3]))
  if record then out[#out + 1] = key out[#out + 1] = record end
end
return out
`;

const revocationNumber = `
return {'ok', text(latest())}
`;

const count = `
return {'ok', redis.call('ZCOUNT', P..'all', '('..text(now), '+inf')}
`;

const sweep = `
return {'ok', redis.call('ZREMRANGEBYSCORE', P..'all', '-inf', text(now))}
`;

export type RedisScripts = ReturnType<typeof redisScripts>;

/** `time` is an expression for milliseconds. What ends sessions, and polls, run on a full Redis too. */
export function redisScripts(time: string = serverTime) {
  const { always, plain } = scriptBuilder(time);
  return {
    read: always(sameEpoch, records, read),
    create: plain(sameEpoch, records, commits, create),
    revoke: always(sameEpoch, records, commits, revoke),
    revokeUser: always(sameEpoch, records, latest, commits, revokeUser),
    revokeAll: always(sameEpoch, latest, commits, revokeAll),
    touch: always(sameEpoch, touch),
    list: always(sameEpoch, records, list),
    page: always(sameEpoch, records, page),
    revocationNumber: always(sameEpoch, latest, revocationNumber),
    count: always(sameEpoch, count),
    sweep: always(sameEpoch, sweep),
    poll: always(poll),
    members: always(sameEpoch, members),
    strike: always(sameEpoch, strike),
    mark: always(sameEpoch, mark),
  };
}

/** What every script begins with, for those of other rooms. `always`: on a full Redis, too. */
export function scriptBuilder(time: string = serverTime) {
  return {
    plain: (...parts: readonly string[]): RedisScript =>
      redisScript(['#!lua', open(time), ...parts].join('\n')),
    always: (...parts: readonly string[]): RedisScript =>
      redisScript(['#!lua flags=allow-oom', open(time), ...parts].join('\n')),
    sameEpoch,
    records,
    logMax: String(logMax),
  };
}

export function redisScript(text: string): RedisScript {
  return { text, sha: hash('sha1', text) };
}
