#!lua flags=no-writes
-- The next entries of a partition of the log.
--
-- KEYS[1] log    stream  the partition's events
-- ARGV[1] start  entry id to begin with, '(<entry id>' to begin after it, or '-'
-- ARGV[2] count  entries at most
--
-- Returns { lines, { entry, … } }
--         An entry as appends write it is a line of id, stream, version, type, schema, data and meta, with \31 between
--         them and \30 between lines: clients read that many times faster than nested replies. JSON escapes both
--         characters. Any other entry is an empty line, and stands whole in the list.
-- Effects none.
local log = KEYS[1]
local start, count = ARGV[1], ARGV[2]

-- include: packEntries
local lines, others = packEntries(redis.call('XRANGE', log, start, '+', 'COUNT', count))
return { lines, others }
