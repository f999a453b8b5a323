#!lua flags=allow-oom
-- Delivers the next entries of a Redis stream to the lease's holder.
--
-- KEYS[1] lease     hash    owner, epoch, until (ms)
-- KEYS[2] stream    stream  log or command queue, with the group on it
-- ARGV[1] epoch     of the holder
-- ARGV[2] group     consumer group
-- ARGV[3] consumer  the holder's name in the group
-- ARGV[4] count     entries at most
-- ARGV[5] maxBytes  of their values at which it stops; the entries delivered exceed it by less than one step
--
-- Returns { 'ok', { entry, … } } | { 'fenced' }, packed
-- Effects XREADGROUP; none when 'fenced'.
local lease, stream = KEYS[1], KEYS[2]
local epoch, group, consumer = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local count, maxBytes = tonumber(ARGV[4]), tonumber(ARGV[5])
local FIRST_STEP, STEP = 8, 32

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return cmsgpack.pack({ 'fenced' }) end
local entries, bytes, isEnd = {}, 0, false
while not isEnd and #entries < count and bytes < maxBytes do
  -- as many as would be enough if they were like those before
  local enough = bytes == 0 and FIRST_STEP or math.ceil((maxBytes - bytes) / (bytes / #entries))
  local wanted = math.min(STEP, enough, count - #entries)
  local read = redis.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', wanted, 'STREAMS', stream, '>')
  local step = read and read[1][2] or {}
  for i = 1, #step do
    entries[#entries + 1] = step[i]
    local fields = step[i][2]
    for value = 2, #fields, 2 do bytes = bytes + #fields[value] end
  end
  isEnd = #step < wanted
end
return cmsgpack.pack({ 'ok', entries })
