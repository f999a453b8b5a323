#!lua flags=no-writes
-- The version a stream had at a moment: how many of its events were recorded up to then.
--
-- KEYS[1] index   list    entry ids of the stream's events, oldest first
-- ARGV[1] untilMs moment, ms, inclusive
--
-- Returns the version, 0 before the first event
-- Effects none.
local index = KEYS[1]
local untilMs = tonumber(ARGV[1])

local low, high = 0, redis.call('LLEN', index)
while low < high do
  local middle = math.floor((low + high) / 2)
  local ms = tonumber(string.match(redis.call('LINDEX', index, middle), '^%d+'))
  if ms <= untilMs then low = middle + 1 else high = middle end
end
return low
