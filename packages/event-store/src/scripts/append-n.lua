#!lua
-- Appends events to streams of one partition. Each append is done whole or not at all, in order, whatever becomes of
-- those beside it.
--
-- KEYS[1] log          stream  the partition's events
-- KEYS[2] hold         string  present while the index is being rebuilt: nobody may append
-- KEYS[3] streams      string  how many streams the partition has
-- KEYS[4…] per append  index   list    entry ids of the stream's events, oldest first
--                      receipt string  of an earlier append under the same key; any key without a fingerprint
-- ARGV[1] maxAheadMs   how far ids may run ahead of the clock, ms
-- ARGV[2…] per append  stream, expected version ('any' | 'exists' | 'no-stream' | number), time of the causing event
--                      in ms (0 for none), fingerprint of the keyed request ('' without a key), how long its receipt
--                      is kept in s, number of events; then per event: type, schema version, data (JSON), meta (JSON; ''
--                      for that of the event before), own id ('' for none)
--
-- Returns per append { 'appended', version before, first id } | { 'repeated', receipt } | { 'key-reused' } |
--         { 'conflict', actual version } | { 'held' } | { 'clock-ahead', ms ahead } | { 'failed', error }
-- A receipt reads '<fingerprint> <last version> <number of events> <first entry id>'.
-- Effects XADD, RPUSH, SET, INCRBY; nothing at all for an append that is not 'appended'. Ids of one append are
-- consecutive.
local log, hold, streams, keys = KEYS[1], KEYS[2], KEYS[3], KEYS
local maxAheadMs, args = tonumber(ARGV[1]), ARGV

local isHeld = redis.call('EXISTS', hold) == 1
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local nowId = string.format('%.0f', now) .. '-*'
local created = 0

local function add(id, stream, version, i, meta)
  if args[i + 4] == '' then
    return redis.pcall('XADD', log, id, 'stream', stream, 'version', version, 'type', args[i],
      'schema', args[i + 1], 'data', args[i + 2], 'meta', meta)
  end
  return redis.pcall('XADD', log, id, 'stream', stream, 'version', version, 'type', args[i],
    'schema', args[i + 1], 'data', args[i + 2], 'meta', meta, 'id', args[i + 4])
end

local function isMet(expected, version)
  if expected == 'any' then return true end
  if expected == 'exists' then return version > 0 end
  if expected == 'no-stream' then return version == 0 end
  return version == tonumber(expected)
end

local function append(k, a)
  local index, idempotency = keys[k], keys[k + 1]
  local stream, causeMs, fingerprint, count = args[a], tonumber(args[a + 2]), args[a + 3], tonumber(args[a + 5])
  if fingerprint ~= '' then
    local receipt = redis.call('GET', idempotency)
    if receipt then
      if string.sub(receipt, 1, #fingerprint + 1) == fingerprint .. ' ' then return { 'repeated', receipt } end
      return { 'key-reused' }
    end
  end
  if isHeld then return { 'held' } end
  local before = redis.call('LLEN', index)
  if not isMet(args[a + 1], before) then return { 'conflict', before } end
  if causeMs - now >= maxAheadMs then return { 'clock-ahead', causeMs - now } end

  -- an effect must sort after its cause, on whatever partition that is
  local first = a + 6
  local meta = args[first + 3]
  local startId = causeMs < now and nowId or string.format('%.0f', causeMs + 1) .. '-*'
  local id = add(startId, stream, before + 1, first, meta)
  if type(id) == 'table' then
    -- the log is ahead of that time: go on from its last id, which `*` does
    local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
    local aheadMs = last and tonumber(string.match(last[1], '^%d+')) - now or 0
    if aheadMs >= maxAheadMs then return { 'clock-ahead', aheadMs } end
    id = add('*', stream, before + 1, first, meta)
    if type(id) == 'table' then return { 'failed', id.err } end
  end
  if count == 1 then redis.call('RPUSH', index, id)
  else
    local ids, ms, seq = { id }, string.match(id, '^(%d+)-(%d+)$')
    for i = 1, count - 1 do
      local at = first + i * 5
      if args[at + 3] ~= '' then meta = args[at + 3] end
      ids[i + 1] = add(ms .. '-' .. string.format('%.0f', tonumber(seq) + i), stream, before + 1 + i, at, meta)
    end
    redis.call('RPUSH', index, unpack(ids))
  end
  if before == 0 then created = created + 1 end
  if fingerprint ~= '' then
    local receipt = table.concat({ fingerprint, before + count, count, id }, ' ')
    redis.call('SET', idempotency, receipt, 'EX', args[a + 4])
  end
  return { 'appended', before, id }
end

local replies, a = {}, 2
for k = 4, #keys, 2 do
  local isDone, reply = pcall(append, k, a)
  if not isDone then reply = { 'failed', type(reply) == 'table' and reply.err or reply } end
  replies[#replies + 1] = reply
  a = a + 6 + tonumber(args[a + 5]) * 5
end
if created > 0 then redis.pcall('INCRBY', streams, created) end
return replies
