#!lua
-- Saves a snapshot of a stream's state. It keeps the newest ones up to the bound, and of the older ones the lowest in
-- each range of distance from the end (1 to 2 times `every`, 2 to 4, 4 to 8, ...), so that loading an old version costs
-- in proportion to its age.
--
-- KEYS[1] snapshots    hash   version -> '<fold version> <entry id> <state JSON>'
-- KEYS[2] index        list   entry ids of the stream's events
-- ARGV[1] version      version of the stream that the state is of
-- ARGV[2] foldVersion  version of the fold that made the state
-- ARGV[3] state        JSON
-- ARGV[4] keep         newest snapshots to keep
-- ARGV[5] every        distance from the end, events, within which no others are kept
--
-- Returns { 'saved' } | { 'beyond-end', version of the stream }
-- Effects HSET, HDEL; none when 'beyond-end'.
local snapshots, index = KEYS[1], KEYS[2]
local version, foldVersion, state = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local keep, every = tonumber(ARGV[4]), tonumber(ARGV[5])

local id = redis.call('LINDEX', index, version - 1)
if version < 1 or not id then return { 'beyond-end', redis.call('LLEN', index) } end
redis.call('HSET', snapshots, ARGV[1], table.concat({ foldVersion, id, state }, ' '))
-- after a restore some may be of versions that no longer exist: they must not displace the new one
local length, kept = redis.call('LLEN', index), {}
for _, field in ipairs(redis.call('HKEYS', snapshots)) do
  local of = tonumber(field)
  if of and of <= length then kept[#kept + 1] = of else redis.call('HDEL', snapshots, field) end
end
table.sort(kept)
local taken = {}
for i = 1, #kept - keep do
  local field = string.format('%.0f', kept[i])
  local _, doubling = math.frexp(math.floor((length - kept[i]) / every))
  -- one of another fold must not take the place
  local fold = doubling > 0 and string.match(redis.call('HGET', snapshots, field), '^%S+')
  if fold == foldVersion and not taken[doubling] then
    taken[doubling] = true
  else
    redis.call('HDEL', snapshots, field)
  end
end
return { 'saved' }
