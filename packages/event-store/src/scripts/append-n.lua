#!lua
-- Appends events to streams of one partition. Each append is done in order, all or nothing, independent of the others.
--
-- KEYS[1] log          stream  the partition's events
-- KEYS[2] hold         string  present while appends are refused: the reason
-- KEYS[3] streams      string  how many streams the partition has
-- KEYS[4…] per append  index   list    entry ids of the stream's events, oldest first
--                      receipt string  of an earlier append under the same key; any key without a fingerprint
-- ARGV[1] maxAheadMs   how far ids may be ahead of the clock, ms
-- ARGV[2] appends      packed: { { stream, expected version ('any' | 'exists' | 'no-stream' | number), time of the causing
--                      event in ms (0 for none), fingerprint of the keyed request ('' without a key), how long its
--                      receipt is kept in s, { event, … } }, … }; an event is { type, schema version, data (JSON), meta
--                      (JSON; '' for that of the event before), own id ('' for none) }
-- ARGV[3] firstSeq     first sequence number of ids within a millisecond
--
-- Returns per append, packed { 'appended', version before, first id } | { 'repeated', receipt } | { 'key-reused' } |
--         { 'conflict', actual version } | { 'held', why } | { 'clock-ahead', ms ahead } | { 'failed', error }
-- A receipt reads '<fingerprint> <last version> <number of events> <first entry id>'.
-- Effects XADD, RPUSH, SET, INCRBY; nothing for an append that is not 'appended'. Ids of one append are
-- consecutive.
local log, hold, streams, keys = KEYS[1], KEYS[2], KEYS[3], KEYS
local maxAheadMs, appends, firstSeq = tonumber(ARGV[1]), cmsgpack.unpack(ARGV[2]), tonumber(ARGV[3])

local held = redis.call('GET', hold)
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local created = 0
-- '*' is the next one within the millisecond, from 0
local start = firstSeq == 0 and '-*' or '-' .. string.format('%.0f', firstSeq)
local nowId = string.format('%.0f', now) .. start

-- The id after the last entry, with a sequence number from firstSeq on.
local function idAfter(last)
  if firstSeq == 0 then return '*' end
  local ms, seq = string.match(last, '^(%d+)-(%d+)$')
  return ms .. '-' .. string.format('%.0f', math.max(tonumber(seq) + 1, firstSeq))
end

local function add(id, stream, version, event, meta)
  if event[5] == '' then
    return redis.pcall('XADD', log, id, 'stream', stream, 'version', version, 'type', event[1],
      'schema', event[2], 'data', event[3], 'meta', meta)
  end
  return redis.pcall('XADD', log, id, 'stream', stream, 'version', version, 'type', event[1],
    'schema', event[2], 'data', event[3], 'meta', meta, 'id', event[5])
end

local function isMet(expected, version)
  if expected == 'any' then return true end
  if expected == 'exists' then return version > 0 end
  if expected == 'no-stream' then return version == 0 end
  return version == expected
end

local function append(index, idempotency, stream, expected, causeMs, fingerprint, ttlS, events)
  if fingerprint ~= '' then
    local receipt = redis.call('GET', idempotency)
    if receipt then
      if string.sub(receipt, 1, #fingerprint + 1) == fingerprint .. ' ' then return { 'repeated', receipt } end
      return { 'key-reused' }
    end
  end
  if held then return { 'held', held } end
  local before = redis.call('LLEN', index)
  if not isMet(expected, before) then return { 'conflict', before } end
  if causeMs - now >= maxAheadMs then return { 'clock-ahead', causeMs - now } end

  -- an effect must sort after its cause, also if that is on another partition
  local count, meta = #events, events[1][4]
  local startId = causeMs < now and nowId or string.format('%.0f', causeMs + 1) .. start
  local id = add(startId, stream, before + 1, events[1], meta)
  if type(id) == 'table' then
    -- the log is at or ahead of that time: go on from its last id
    local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
    local aheadMs = last and tonumber(string.match(last[1], '^%d+')) - now or 0
    if aheadMs >= maxAheadMs then return { 'clock-ahead', aheadMs } end
    id = add(last and idAfter(last[1]) or '*', stream, before + 1, events[1], meta)
    if type(id) == 'table' then return { 'failed', id.err } end
  end
  if count == 1 then redis.call('RPUSH', index, id)
  else
    local ids, ms, seq = { id }, string.match(id, '^(%d+)-(%d+)$')
    for i = 2, count do
      if events[i][4] ~= '' then meta = events[i][4] end
      ids[i] = add(ms .. '-' .. string.format('%.0f', tonumber(seq) + i - 1), stream, before + i, events[i], meta)
    end
    redis.call('RPUSH', index, unpack(ids))
  end
  if before == 0 then created = created + 1 end
  if fingerprint ~= '' then
    local receipt = table.concat({ fingerprint, before + count, count, id }, ' ')
    redis.call('SET', idempotency, receipt, 'EX', ttlS)
  end
  return { 'appended', before, id }
end

local replies = {}
for i, one in ipairs(appends) do
  local isDone, reply = pcall(append, keys[2 + 2 * i], keys[3 + 2 * i], unpack(one))
  if not isDone then reply = { 'failed', type(reply) == 'table' and reply.err or reply } end
  replies[i] = reply
end
if created > 0 then redis.pcall('INCRBY', streams, created) end
return cmsgpack.pack(replies)
