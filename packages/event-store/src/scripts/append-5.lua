#!lua
-- Appends events to one stream of a partition: all of them or none.
--
-- KEYS[1] log          stream  the partition's events
-- KEYS[2] index        list    entry ids of this stream's events, oldest first
-- KEYS[3] hold         string  present while the index is being rebuilt: nobody may append
-- KEYS[4] idempotency  string  receipt of an earlier append under the same key; any key where ARGV[5] is ''
-- KEYS[5] streams      string  how many streams the partition has
-- ARGV[1] stream       stream name
-- ARGV[2] expected     'any' | 'exists' | 'no-stream' | version (number)
-- ARGV[3] causeMs      time of the causing event, ms; 0 for none
-- ARGV[4] maxAheadMs   how far ids may run ahead of the clock, ms
-- ARGV[5] fingerprint  of the keyed request; '' where there is no idempotency key
-- ARGV[6] ttl          how long the receipt is kept, s
-- ARGV[7…] per event   type, schema version, data (JSON), meta (JSON), own id ('' for none)
--
-- Returns { 'appended', version before, ms, seq of the first id, clock ms } | { 'repeated', receipt } |
--         { 'key-reused' } | { 'conflict', actual version } | { 'held' } | { 'clock-ahead', ms ahead }
-- A receipt reads '<fingerprint> <last version> <number of events> <first entry id>'.
-- Effects XADD, RPUSH, SET, INCR; nothing at all unless 'appended'. Ids of one append are consecutive.
local log, index, hold, idempotency, streams = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local stream, expected, causeMs, maxAheadMs = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local fingerprint, ttl = ARGV[5], ARGV[6]

if fingerprint ~= '' then
  local receipt = redis.call('GET', idempotency)
  if receipt then
    if string.sub(receipt, 1, #fingerprint + 1) == fingerprint .. ' ' then return { 'repeated', receipt } end
    return { 'key-reused' }
  end
end
if redis.call('EXISTS', hold) == 1 then return { 'held' } end

local version = redis.call('LLEN', index)
if expected ~= 'any' then
  local met
  if expected == 'exists' then met = version > 0
  elseif expected == 'no-stream' then met = version == 0
  else met = version == tonumber(expected) end
  if not met then return { 'conflict', version } end
end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if causeMs - now >= maxAheadMs then return { 'clock-ahead', causeMs - now } end

local function add(id, i)
  if ARGV[i + 4] == '' then
    return redis.pcall('XADD', log, id, 'stream', stream, 'version', version, 'type', ARGV[i],
      'schema', ARGV[i + 1], 'data', ARGV[i + 2], 'meta', ARGV[i + 3])
  end
  return redis.pcall('XADD', log, id, 'stream', stream, 'version', version, 'type', ARGV[i],
    'schema', ARGV[i + 1], 'data', ARGV[i + 2], 'meta', ARGV[i + 3], 'id', ARGV[i + 4])
end

-- an effect must sort after its cause, on whatever partition that is
version = version + 1
local id = add(string.format('%.0f', math.max(now, causeMs + 1)) .. '-*', 7)
if type(id) == 'table' then
  -- the log is ahead of that time: go on from its last id, which `*` does
  local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
  local aheadMs = last and tonumber(string.match(last[1], '^%d+')) - now or 0
  if aheadMs >= maxAheadMs then return { 'clock-ahead', aheadMs } end
  id = add('*', 7)
  if type(id) == 'table' then return id end
end
redis.call('RPUSH', index, id)
local ms, firstSeq = string.match(id, '^(%d+)-(%d+)$')
local seq = tonumber(firstSeq)
for i = 12, #ARGV, 5 do
  version = version + 1
  seq = seq + 1
  redis.call('RPUSH', index, add(ms .. '-' .. string.format('%.0f', seq), i))
end
local count = (#ARGV - 6) / 5
if version == count then redis.call('INCR', streams) end

if fingerprint ~= '' then
  local receipt = table.concat({ fingerprint, version, count, id }, ' ')
  redis.call('SET', idempotency, receipt, 'EX', ttl)
end
return { 'appended', version - count, ms, firstSeq, now }
