#!lua flags=no-writes
-- The next entries of a partition of the log.
--
-- KEYS[1] log       stream  the partition's events
-- ARGV[1] start     entry id to begin with, '(<entry id>' to begin after it, or '-'
-- ARGV[2] count     entries at most
-- ARGV[3] maxBytes  of their values at which it stops; the entries returned exceed it by less than one step
--
-- Returns { 1 where it is known that these are the last, else 0, { entry, … } as XRANGE does }, packed
-- Effects none.
local log = KEYS[1]
local start, count, maxBytes = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local FIRST_STEP, STEP = 8, 32

local entries, bytes, isEnd = {}, 0, false
while not isEnd and #entries < count and bytes < maxBytes do
  -- as many as would be enough if they were like those before
  local enough = bytes == 0 and FIRST_STEP or math.ceil((maxBytes - bytes) / (bytes / #entries))
  local wanted = math.min(STEP, enough, count - #entries)
  local step = redis.call('XRANGE', log, start, '+', 'COUNT', wanted)
  for i = 1, #step do
    entries[#entries + 1] = step[i]
    local fields = step[i][2]
    for value = 2, #fields, 2 do bytes = bytes + #fields[value] end
  end
  isEnd = #step < wanted
  if not isEnd then start = '(' .. step[wanted][1] end
end
return cmsgpack.pack({ isEnd and 1 or 0, entries })
