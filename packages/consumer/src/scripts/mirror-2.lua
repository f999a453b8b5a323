#!lua flags=allow-oom
-- Moves a Redis consumer group's cursor to where its checkpoint is, for operators to see.
--
-- KEYS[1] lease     hash    owner, epoch, until (ms)
-- KEYS[2] log       stream  with the group on it
-- ARGV[1] epoch     of the holder
-- ARGV[2] group     consumer group
-- ARGV[3] entryId   last entry that is done
-- ARGV[4] handled   entries of the log up to there
--
-- Returns 'ok' | 'fenced'
-- Effects XGROUP; none when 'fenced'.
local lease, log = KEYS[1], KEYS[2]
local epoch, group, entryId, handled = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return 'fenced' end
redis.call('XGROUP', 'SETID', log, group, entryId, 'ENTRIESREAD', handled)
return 'ok'
