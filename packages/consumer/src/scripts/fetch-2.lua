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
-- Returns { 'ok', { entry, … } } | { 'fenced' }, packed
-- Effects XREADGROUP; none when 'fenced'.
local lease, stream = KEYS[1], KEYS[2]
local epoch, group, consumer, count = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return cmsgpack.pack({ 'fenced' }) end
local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'STREAMS', stream, '>')
return cmsgpack.pack({ 'ok', read and read[1][2] or {} })
