#!lua
-- Puts a durable command on its queue, once for each command id.
--
-- KEYS[1] queue        stream  commands of one category for the streams of one partition
-- KEYS[2] command      hash    the command's status
-- KEYS[3] commands     string  how many commands the partition has had
-- ARGV[1] id           command id
-- ARGV[2] type         command type
-- ARGV[3] stream       the stream it is for
-- ARGV[4] data         JSON
-- ARGV[5] meta         JSON
-- ARGV[6] fingerprint  of the request that the id stands for; '' where any repeat is taken for the same
--
-- Returns { 'sent' } | { 'repeated' } | { 'key-reused' }
-- Effects HSET, INCR, XADD; none unless 'sent'.
local queue, command, commands = KEYS[1], KEYS[2], KEYS[3]
local id, kind, stream, data, meta, fingerprint = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

if redis.call('EXISTS', command) == 1 then
  local first = redis.call('HGET', command, 'fingerprint')
  if fingerprint ~= '' and first and first ~= fingerprint then return { 'key-reused' } end
  return { 'repeated' }
end
local time = redis.call('TIME')
local now = string.format('%.0f', tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000))
redis.call('HSET', command, 'status', 'pending', 'type', kind, 'stream', stream, 'createdAt', now)
if fingerprint ~= '' then redis.call('HSET', command, 'fingerprint', fingerprint) end
redis.call('INCR', commands)
redis.call('XADD', queue, '*', 'id', id, 'type', kind, 'stream', stream, 'data', data, 'meta', meta)
return { 'sent' }
