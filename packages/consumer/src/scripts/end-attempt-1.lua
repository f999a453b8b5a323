#!lua flags=allow-oom
-- Notes that an attempt at an entry ended without a crash. It needs no lease: a count that is too low only means
-- one more try before the entry is parked.
--
-- KEYS[1] attempts  hash  entry id -> attempts that were begun and not finished
-- ARGV[1] entryId   the entry
--
-- Returns attempts that are left
-- Effects HINCRBY, HDEL; none where none is counted.
local attempts = KEYS[1]
local entryId = ARGV[1]

local count = tonumber(redis.call('HGET', attempts, entryId) or 0)
if count == 0 then return 0 end
if count == 1 then
  redis.call('HDEL', attempts, entryId)
  return 0
end
return redis.call('HINCRBY', attempts, entryId, -1)
