#!lua flags=allow-oom
-- Acknowledges entries whose effects are done.
--
-- KEYS[1] lease     hash    owner, epoch, until (ms)
-- KEYS[2] stream    stream  log or command queue, with the group on it
-- KEYS[3] attempts  hash    entry id -> attempts that were begun and not finished
-- ARGV[1] epoch     of the holder
-- ARGV[2] group     consumer group
-- ARGV[3] remove    '1' to delete the entries too (command queues), else '0'
-- ARGV[4…] entry ids
--
-- Returns 'ok' | 'fenced'
-- Effects XACK, HDEL, XDEL; none when 'fenced'.
local lease, stream, attempts = KEYS[1], KEYS[2], KEYS[3]
local epoch, group, remove = tonumber(ARGV[1]), ARGV[2], ARGV[3]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return 'fenced' end
local ids = { unpack(ARGV, 4) }
redis.call('XACK', stream, group, unpack(ids))
redis.call('HDEL', attempts, unpack(ids))
if remove == '1' then redis.call('XDEL', stream, unpack(ids)) end
return 'ok'
