#!lua flags=allow-oom
-- Parks an event, which blocks its stream for the group, and acknowledges it.
--
-- KEYS[1] lease     hash    owner, epoch, until (ms)
-- KEYS[2] log       stream  with the group on it
-- KEYS[3] attempts  hash    entry id -> attempts that were begun and not finished
-- KEYS[4] blocked   hash    stream -> number of its parked events
-- KEYS[5] parked    list    the stream's parked events, oldest first: JSON records
-- KEYS[6] deferred  sorted set  stream -> when it is tried again, ms
-- ARGV[1] epoch       of the holder
-- ARGV[2] group       consumer group
-- ARGV[3] entryId     the event
-- ARGV[4] stream      its stream's name
-- ARGV[5] record      JSON
-- ARGV[6] maxEvents   parked events a stream at most
-- ARGV[7] maxStreams  blocked streams at most
-- ARGV[8] retryAt     when the stream is tried again by itself, ms; '' for never
--
-- Returns 'parked' | 'full' | 'fenced'
-- Effects RPUSH, HINCRBY, ZADD, XACK, HDEL; none unless 'parked'.
local lease, log, attempts, blocked, parked, deferred = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local epoch, group, entryId, stream, record = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local maxEvents, maxStreams, retryAt = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return 'fenced' end
local count = tonumber(redis.call('HGET', blocked, stream) or 0)
if count >= maxEvents then return 'full' end
if count == 0 and redis.call('HLEN', blocked) >= maxStreams then return 'full' end
redis.call('RPUSH', parked, record)
redis.call('HINCRBY', blocked, stream, 1)
if retryAt ~= '' then redis.call('ZADD', deferred, retryAt, stream) end
redis.call('XACK', log, group, entryId)
redis.call('HDEL', attempts, entryId)
return 'parked'
