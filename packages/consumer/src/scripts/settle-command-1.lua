#!lua flags=allow-oom
-- Notes how far a durable command has come. A finished one stays as it is.
--
-- KEYS[1] command   hash  the command's status
-- ARGV[1] status    'processing' | 'completed' | 'failed'
-- ARGV[2] result    JSON; '' while processing
-- ARGV[3] keptS     how long a finished command is remembered, s
--
-- Returns the status that stands now
-- Effects HSET, EXPIRE; none once finished.
local command = KEYS[1]
local status, result, keptS = ARGV[1], ARGV[2], ARGV[3]

local before = redis.call('HGET', command, 'status')
if before == 'completed' or before == 'failed' then return before end
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
redis.call('HSET', command, 'status', status, 'updatedAt', now)
if status ~= 'processing' then
  redis.call('HSET', command, 'result', result)
  redis.call('EXPIRE', command, keptS)
end
return status
