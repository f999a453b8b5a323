#!lua flags=allow-oom
-- Takes one parked event off its stream's list, or notes why it failed again; unblocks the stream when none is left.
--
-- KEYS[1] lease     hash  owner, epoch, until (ms)
-- KEYS[2] blocked   hash  stream -> number of its parked events
-- KEYS[3] parked    list  the stream's parked events, oldest first: JSON records
-- KEYS[4] requests  list  what operators asked for, oldest first
-- KEYS[5] deferred  sorted set  stream -> when it is tried again, ms
-- KEYS[6] finished  list  the latest 1,000 requests that are done, newest first
-- ARGV[1] epoch     of the holder
-- ARGV[2] stream    stream name
-- ARGV[3] record    the record as it stands in the list; '' for none
-- ARGV[4] changed   the record that takes its place; '' to remove it
-- ARGV[5] request   the request that is done with this; '' for none
-- ARGV[6] retryAt   with a changed record: when the stream is tried again by itself, ms; '' for never
-- ARGV[7] done      with a request: how it is kept among those that are done
--
-- Returns { 'ok', parked events left } | { 'fenced' }
-- Effects LREM, LSET, HSET, HDEL, ZADD, ZREM, LPUSH, LTRIM; none when 'fenced'.
local lease, blocked, parked, requests, deferred, finished = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local epoch, stream, record, changed, request = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local retryAt, done = ARGV[6], ARGV[7]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return { 'fenced' } end
if record ~= '' then
  if changed == '' then
    redis.call('LREM', parked, 1, record)
  else
    local place = redis.call('LPOS', parked, record)
    if place then redis.call('LSET', parked, place, changed) end
    if retryAt == '' then redis.call('ZREM', deferred, stream) else redis.call('ZADD', deferred, retryAt, stream) end
  end
end
if request ~= '' and redis.call('LREM', requests, 1, request) == 1 then
  redis.call('LPUSH', finished, done)
  redis.call('LTRIM', finished, 0, 999)
end
local left = redis.call('LLEN', parked)
if left == 0 then
  redis.call('HDEL', blocked, stream)
  redis.call('ZREM', deferred, stream)
else
  redis.call('HSET', blocked, stream, left)
end
return { 'ok', left }
