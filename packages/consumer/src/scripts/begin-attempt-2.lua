#!lua flags=allow-oom
-- Notes that the handling of an entry begins, so that a crash can be laid to that entry alone.
--
-- KEYS[1] lease     hash  owner, epoch, until (ms)
-- KEYS[2] attempts  hash  entry id -> attempts that were begun and not finished
-- ARGV[1] epoch     of the holder
-- ARGV[2] entryId   the entry
--
-- Returns attempts that were begun and not finished | 'fenced'
-- Effects HINCRBY; none when 'fenced'.
local lease, attempts = KEYS[1], KEYS[2]
local epoch, entryId = tonumber(ARGV[1]), ARGV[2]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return 'fenced' end
return redis.call('HINCRBY', attempts, entryId, 1)
