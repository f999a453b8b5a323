#!lua flags=no-writes
-- One page of a stream's events.
--
-- KEYS[1] log        stream
-- KEYS[2] index      list    entry ids of the stream's events
-- ARGV[1] from       first version of the page
-- ARGV[2] to         last version of the page; below `from` to read backwards
-- ARGV[3] maxBytes   bytes of data a page; at least one event is returned
--
-- Returns { version of the stream, { entry, … } }, packed; an entry is { id, { field, value, … } }, or { id } where the
--         log lacks it
-- Effects none.
local log, index = KEYS[1], KEYS[2]
local from, to, maxBytes = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])

local first, last, step = from, to, 1
if to < from then first, last, step = to, from, -1 end
local ids = redis.call('LRANGE', index, first - 1, last - 1)
local entries, bytes = {}, 0
local start, stop = 1, #ids
if step == -1 then start, stop = #ids, 1 end
for i = start, stop, step do
  local entry = redis.call('XRANGE', log, ids[i], ids[i])[1] or { ids[i] }
  -- where appends write the data
  bytes = bytes + #(entry[2] and entry[2][10] or '')
  entries[#entries + 1] = entry
  if bytes >= maxBytes then break end
end
return cmsgpack.pack({ redis.call('LLEN', index), entries })
