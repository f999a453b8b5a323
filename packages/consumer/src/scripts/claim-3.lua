#!lua flags=allow-oom
-- Hands one page of what earlier holders left unacknowledged to the lease's holder, with its crash counts.
--
-- KEYS[1] lease     hash    owner, epoch, until (ms)
-- KEYS[2] stream    stream  log or command queue, with the group on it
-- KEYS[3] attempts  hash    entry id -> attempts that were begun and not finished
-- ARGV[1] epoch     of the holder
-- ARGV[2] group     consumer group
-- ARGV[3] consumer  the holder's name in the group
-- ARGV[4] cursor    where the page begins; '0-0' at first
-- ARGV[5] count     entries at most
-- ARGV[6] maxBytes  of their values at which it stops; the entries handed over exceed it by less than one step
--
-- Returns { 'ok', next cursor ('0-0' at the end), { entry, … }, { attempts, … } } | { 'fenced' }, packed
-- Effects XAUTOCLAIM, XGROUP; none when 'fenced'.
local lease, stream, attempts = KEYS[1], KEYS[2], KEYS[3]
local epoch, group, consumer, cursor = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]
local count, maxBytes = tonumber(ARGV[5]), tonumber(ARGV[6])
local FIRST_STEP, STEP = 8, 32

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return cmsgpack.pack({ 'fenced' }) end
local entries, counts, bytes = {}, {}, 0
repeat
  -- as many as would be enough if they were like those before
  local enough = bytes == 0 and FIRST_STEP or math.ceil((maxBytes - bytes) / (bytes / #entries))
  local page = redis.call('XAUTOCLAIM', stream, group, consumer, 0, cursor, 'COUNT', math.min(STEP, enough, count - #entries))
  cursor = page[1]
  for _, entry in ipairs(page[2]) do
    entries[#entries + 1] = entry
    counts[#entries] = tonumber(redis.call('HGET', attempts, entry[1]) or 0)
    for value = 2, #entry[2], 2 do bytes = bytes + #entry[2][value] end
  end
until cursor == '0-0' or #entries >= count or bytes >= maxBytes
if cursor == '0-0' then
  -- all is claimed: names of earlier holders have nothing pending and may go
  for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
    local name, pending
    for i = 1, #info, 2 do
      if info[i] == 'name' then name = info[i + 1] elseif info[i] == 'pending' then pending = info[i + 1] end
    end
    if name ~= consumer and pending == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, group, name) end
  end
end
return cmsgpack.pack({ 'ok', cursor, entries, counts })
