#!lua
-- Records the outcome of a command that was executed while its sender waited.
--
-- KEYS[1] command      hash    the command's status
-- KEYS[2] commands     string  how many commands the partition has had
-- ARGV[1] type         command type
-- ARGV[2] stream       the stream it was for
-- ARGV[3] status       'completed' | 'failed'
-- ARGV[4] result       JSON
-- ARGV[5] fingerprint  of the request that the id stands for; '' for none
-- ARGV[6] keptS        how long the status is remembered, s
--
-- Returns { 'recorded' } | { 'kept' } (it was completed before, or is still on a queue and may yet be)
-- Effects HSET, INCR, EXPIRE; none when 'kept'.
local command, commands = KEYS[1], KEYS[2]
local kind, stream, status, result, fingerprint, keptS = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

-- a refusal is not final: the command may be tried again under the same key
local before = redis.call('HGET', command, 'status')
if before == 'completed' or (status == 'failed' and before and before ~= 'failed') then return { 'kept' } end
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
if not before then
  redis.call('INCR', commands)
  redis.call('HSET', command, 'createdAt', now)
end
redis.call('HSET', command, 'status', status, 'type', kind, 'stream', stream, 'updatedAt', now, 'result', result)
if fingerprint ~= '' then redis.call('HSET', command, 'fingerprint', fingerprint) end
redis.call('EXPIRE', command, keptS)
return { 'recorded' }
