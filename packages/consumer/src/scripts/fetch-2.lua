#!lua flags=allow-oom
-- Delivers the next entries of a Redis stream to the lease's holder.
--
-- KEYS[1] lease     hash    owner, epoch, until (ms)
-- KEYS[2] stream    stream  log or command queue, with the group on it
-- ARGV[1] epoch     of the holder
-- ARGV[2] group     consumer group
-- ARGV[3] consumer  the holder's name in the group
-- ARGV[4] count     entries at most
--
-- Returns { 'ok', lines, { entry, … } } | { 'fenced' }
--         A log entry as appends write it is a line of id, stream, version, type, schema, data and meta, with \31
--         between them and \30 between lines: clients read that many times faster than nested replies. JSON escapes
--         both characters. Any other entry is an empty line, and stands whole in the list.
-- Effects XREADGROUP; none when 'fenced'.
local lease, stream = KEYS[1], KEYS[2]
local epoch, group, consumer, count = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return { 'fenced' } end
local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '>')

-- include: packEntries
local lines, others = packEntries(read and read[1][2] or {})
return { 'ok', lines, others }
