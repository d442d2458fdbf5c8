import { scriptBuilder, type RedisScript } from '../session/redis-scripts.ts';

/*
 * Zones in Redis, in the slot of the sessions and by the rules of their scripts (`redis-scripts.ts`):
 *
 *   z:ZONE    hash: tag → when it runs out (milliseconds, `-` for never), a blank, and what is sealed
 *   zt:ZONE   sorted set of the tags by when they run out
 *   zg:ZONE   how often the zone was cleared: claims from before are void
 *   zc:ZONE:TAG   who is about to find out the value; runs out by itself
 */

const zone = `
local Z = ARGV[3]
local H, T, G = P..'z:'..Z, P..'zt:'..Z, P..'zg:'..Z
local function alive(tag)
  local found = redis.call('HGET', H, tag)
  if not found then return nil end
  local at = string.find(found, ' ', 1, true)
  local ends = string.sub(found, 1, at - 1)
  if ends ~= '-' and now >= tonumber(ends) then return nil end
  return {tag, ends, string.sub(found, at + 1)}
end
local function size() return redis.call('ZCOUNT', T, '('..text(now), '+inf') end
local function claimName(tag) return P..'zc:'..Z..':'..tag end
local function cleared() return redis.call('GET', G) or '0' end
local function claimant(tag)
  local held = redis.call('GET', claimName(tag))
  if not held then return nil end
  local holder, since = string.match(held, '^(%S+) (%d+)$')
  if since ~= cleared() then return nil end
  return holder
end
`;

const read = `
local found = alive(ARGV[4])
return {'ok', found or ''}
`;

const list = `
local out = {'ok'}
for _, tag in ipairs(redis.call('ZRANGE', T, '('..text(now), '+inf', 'BYSCORE')) do
  out[#out + 1] = alive(tag)
end
return out
`;

const count = `return {'ok', size()}`;

/** ARGV: 4 tag, 5 holder, 6 milliseconds, 0 to give it up, 7 'again' or ''. */
const claim = `
local holder = claimant(ARGV[4])
if (holder or ARGV[7] == 'again') and holder ~= ARGV[5] then return {'busy'} end
if ARGV[6] == '0' then redis.call('DEL', claimName(ARGV[4]))
else redis.call('SET', claimName(ARGV[4]), ARGV[5]..' '..cleared(), 'PX', ARGV[6]) end
return {'held'}
`;

/**
 * ARGV: 4 deed, 5 entries at most, 6 caller or '', 7 idle, 8 holder or '', 9 rows (their count, then tag, sealed,
 * milliseconds or -1 each), entries of the log (their count, then tag, payload, signature each).
 */
const write = `
local deed, most = ARGV[4], tonumber(ARGV[5])
if ARGV[6] ~= '' and not look(ARGV[6], tonumber(ARGV[7])) then return {'callerEnded'} end
for _, tag in ipairs(redis.call('ZRANGE', T, '-inf', text(now), 'BYSCORE', 'LIMIT', 0, 200)) do
  redis.call('HDEL', H, tag)
  redis.call('ZREM', T, tag)
end
local rows, at = {}, 10
for i = 1, tonumber(ARGV[9]) do
  rows[i] = {ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])}
  at = at + 3
end
local first = rows[1]
if deed == 'add' then
  if #rows > 1 and size() > 0 then return {'notEmpty'} end
  if first and alive(first[1]) then return {'exists'} end
  if size() + #rows > most then return {'full'} end
elseif deed == 'change' or deed == 'remove' then
  if not alive(first[1]) then return {'missing'} end
elseif deed == 'put' then
  if claimant(first[1]) ~= ARGV[8] then return {'lost'} end
  if not alive(first[1]) and size() >= most then
    redis.call('DEL', claimName(first[1]))
    return {'full'}
  end
end
local n = last()
local start, messages = n + 1, {}
for e = 1, tonumber(ARGV[at]) do
  local i = at + 1 + (e - 1) * 3
  n = n + 1
  redis.call('XADD', P..'log', 'MAXLEN', '~', LOGMAX, text(n)..'-0', 't', ARGV[i], 'p', ARGV[i + 1], 'm', ARGV[i + 2])
  messages[e] = text(n)..'\\n'..ARGV[i]..'\\n'..ARGV[i + 1]..'\\n'..ARGV[i + 2]
end
if deed == 'clear' then
  redis.call('DEL', H, T)
  redis.call('SET', G, text(tonumber(cleared()) + 1))
end
for _, row in ipairs(rows) do
  redis.call('DEL', claimName(row[1]))
  if deed == 'remove' then
    redis.call('HDEL', H, row[1])
    redis.call('ZREM', T, row[1])
  else
    local ends = row[3] < 0 and '-' or text(now + row[3])
    redis.call('HSET', H, row[1], ends..' '..row[2])
    redis.call('ZADD', T, row[3] < 0 and '+inf' or ends, row[1])
  end
end
for _, message in ipairs(messages) do redis.call('SPUBLISH', P..'bus', message) end
return {'written', text(start), redis.call('HGETALL', P..'members'), text(now - tonumber(head[2])), head[3] or '0'}
`;

export interface RedisZoneScripts {
  readonly read: RedisScript;
  readonly list: RedisScript;
  readonly count: RedisScript;
  readonly claim: RedisScript;
  /** What makes a zone larger is refused by a full Redis; what changes or removes is not. */
  readonly add: RedisScript;
  readonly change: RedisScript;
}

export function redisZoneScripts(time: string | undefined): RedisZoneScripts {
  const { always, logMax, plain, records, sameEpoch } = scriptBuilder(time);
  const writing = write.replace('LOGMAX', logMax);
  return {
    read: always(sameEpoch, zone, read),
    list: always(sameEpoch, zone, list),
    count: always(sameEpoch, zone, count),
    claim: plain(sameEpoch, zone, claim),
    add: plain(sameEpoch, records, zone, writing),
    change: always(sameEpoch, records, zone, writing),
  };
}
