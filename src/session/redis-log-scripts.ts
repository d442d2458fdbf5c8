/* The parts of scripts that are about epochs, members and the log; see `redis-scripts.ts`. */

/**
 * ARGV: 1 run id alone, 3 worker, 4 sequence, 5 bound, 6 position (-1: none), 7 tag, 8 entries at most, 9 the latest epoch
 * that the worker knows (-1: none).
 */
export const poll = `
local head = redis.call('HMGET', KEYS[1], 'run', 'since', 'new', 'bound', 'epoch')
local epoch, theirs = tonumber(head[5] or '0'), tonumber(ARGV[9])
if head[1] ~= ARGV[1] or theirs > epoch then
  head[2], head[3] = text(now), head[1] and '0' or '1'
  epoch = math.max(epoch, theirs) + 1
  redis.call('HSET', KEYS[1], 'run', ARGV[1], 'since', head[2], 'new', head[3], 'epoch', text(epoch))
end
if not head[4] or tonumber(head[4]) < tonumber(ARGV[5]) then
  redis.call('HSET', KEYS[1], 'bound', ARGV[5])
end
redis.call('HSET', P..'members', ARGV[3], ARGV[4]..':'..ARGV[5])
local n, tag = last()
local at, kind, entries = tonumber(ARGV[6]), 'jumped', {}
if at == 0 then
  if n == 0 or #redis.call('XRANGE', P..'log', '1-0', '1-0') == 1 then kind = 'followed' end
elseif at > 0 then
  local here = redis.call('XRANGE', P..'log', text(at)..'-0', text(at)..'-0')
  if #here == 1 and here[1][2][2] == ARGV[7] then kind = 'followed' end
end
if kind == 'followed' and at < n then
  entries = redis.call('XRANGE', P..'log', '('..text(at)..'-0', '+', 'COUNT', ARGV[8])
end
return {kind, text(now), text(now - tonumber(head[2])), head[3], text(n), tag, entries, text(epoch)}
`;

export const members = `return {'ok', redis.call('HGETALL', P..'members')}`;

/** ARGV: 3 worker, 4 sequence, or '' for whatever stands there. */
export const strike = `
local row = redis.call('HGET', P..'members', ARGV[3])
if row and (ARGV[4] == '' or string.match(row, '^%d+') == ARGV[4]) then
  redis.call('HDEL', P..'members', ARGV[3])
end
return {'ok'}
`;

/** Something to be written: whoever asks replicas what they have has to have written it. */
export const mark = `
redis.call('HSET', KEYS[1], 'mark', text(now))
return {'ok'}
`;
