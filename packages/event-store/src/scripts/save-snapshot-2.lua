#!lua
-- Keeps a snapshot of a stream's state and forgets the oldest beyond the bound.
--
-- KEYS[1] snapshots    hash   version -> '<fold version> <entry id> <state JSON>'
-- KEYS[2] index        list   entry ids of the stream's events
-- ARGV[1] version      version of the stream that the state is of
-- ARGV[2] foldVersion  version of the fold that made the state
-- ARGV[3] state        JSON
-- ARGV[4] keep         snapshots to keep
--
-- Returns { 'saved' } | { 'beyond-end', version of the stream }
-- Effects HSET, HDEL; none when 'beyond-end'.
local snapshots, index = KEYS[1], KEYS[2]
local version, foldVersion, state, keep = tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])

local id = redis.call('LINDEX', index, version - 1)
if version < 1 or not id then return { 'beyond-end', redis.call('LLEN', index) } end
redis.call('HSET', snapshots, ARGV[1], table.concat({ foldVersion, id, state }, ' '))
-- after a restore some may be of versions that are no more: they must not push out the new one
local length, kept = redis.call('LLEN', index), {}
for _, field in ipairs(redis.call('HKEYS', snapshots)) do
  local of = tonumber(field)
  if of and of <= length then kept[#kept + 1] = of else redis.call('HDEL', snapshots, field) end
end
table.sort(kept)
for i = 1, #kept - keep do redis.call('HDEL', snapshots, string.format('%.0f', kept[i])) end
return { 'saved' }
