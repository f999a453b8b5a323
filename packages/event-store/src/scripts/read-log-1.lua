#!lua flags=no-writes
-- The next entries of a partition of the log.
--
-- KEYS[1] log    stream  the partition's events
-- ARGV[1] start  entry id to begin with, '(<entry id>' to begin after it, or '-'
-- ARGV[2] count  entries at most
--
-- Returns { entry, … } as XRANGE does, packed
-- Effects none.
local log = KEYS[1]
local start, count = ARGV[1], ARGV[2]

return cmsgpack.pack(redis.call('XRANGE', log, start, '+', 'COUNT', count))
