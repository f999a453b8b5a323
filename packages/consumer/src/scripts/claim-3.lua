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
--
-- Returns { 'ok', next cursor ('0-0' at the end), { entry, … }, { attempts, … } } | { 'fenced' }
-- Effects XAUTOCLAIM, XGROUP; none when 'fenced'.
local lease, stream, attempts = KEYS[1], KEYS[2], KEYS[3]
local epoch, group, consumer, cursor, count = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return { 'fenced' } end
local page = redis.call('XAUTOCLAIM', stream, group, consumer, 0, cursor, 'COUNT', count)
local counts = {}
for i = 1, #page[2] do counts[i] = tonumber(redis.call('HGET', attempts, page[2][i][1]) or 0) end
if page[1] == '0-0' then
  -- all is claimed: names of earlier holders have nothing pending and may go
  for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', stream, group)) do
    local name, pending
    for i = 1, #info, 2 do
      if info[i] == 'name' then name = info[i + 1] elseif info[i] == 'pending' then pending = info[i + 1] end
    end
    if name ~= consumer and pending == 0 then redis.call('XGROUP', 'DELCONSUMER', stream, group, name) end
  end
end
return { 'ok', page[1], page[2], counts }
