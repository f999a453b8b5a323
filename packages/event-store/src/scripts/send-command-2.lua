#!lua
-- Puts a durable command on its queue, once for each command id.
--
-- KEYS[1] queue    stream  commands of one category for the streams of one partition
-- KEYS[2] command  hash    the command's status
-- ARGV[1] id       command id
-- ARGV[2] type     command type
-- ARGV[3] stream   the stream it is for
-- ARGV[4] data     JSON
-- ARGV[5] meta     JSON
--
-- Returns { 'sent' } | { 'repeated' }
-- Effects HSET, XADD; none when 'repeated'.
local queue, command = KEYS[1], KEYS[2]
local id, kind, stream, data, meta = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]

if redis.call('EXISTS', command) == 1 then return { 'repeated' } end
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
redis.call('HSET', command, 'status', 'pending', 'type', kind, 'stream', stream, 'createdAt', now)
redis.call('XADD', queue, '*', 'id', id, 'type', kind, 'stream', stream, 'data', data, 'meta', meta)
return { 'sent' }
