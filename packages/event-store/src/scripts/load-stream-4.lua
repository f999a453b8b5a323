#!lua flags=no-writes
-- All that a decision needs, in one round trip: the receipt of an earlier request under the same key, the
-- newest usable snapshot, and the first page of the events after it.
--
-- KEYS[1] log          stream
-- KEYS[2] index        list    entry ids of the stream's events
-- KEYS[3] snapshots    hash    version -> '<fold version> <entry id> <state JSON>'
-- KEYS[4] idempotency  string  receipt; read only where ARGV[5] is '1'
-- ARGV[1] foldVersion  '' to use no snapshot
-- ARGV[2] upTo         last version wanted; 0 for the end
-- ARGV[3] maxEvents    events a page
-- ARGV[4] maxBytes     bytes of data a page; at least one event is returned
-- ARGV[5] keyed        '1' | '0'
--
-- Returns { receipt or '', version, snapshot version or 0, snapshot state or '', { entry, … } }
-- Effects none.
local log, index, snapshots, idempotency = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local foldVersion, upTo = ARGV[1], tonumber(ARGV[2])
local maxEvents, maxBytes, keyed = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]

local receipt = keyed == '1' and redis.call('GET', idempotency) or ''
local version = redis.call('LLEN', index)
local last = version
if upTo > 0 and upTo < last then last = upTo end

local snapshotVersion, state = 0, ''
if foldVersion ~= '' then
  local kept = redis.call('HKEYS', snapshots)
  for i = 1, #kept do kept[i] = tonumber(kept[i]) end
  table.sort(kept, function(a, b) return a > b end)
  for i = 1, #kept do
    if kept[i] <= last then
      local value = redis.call('HGET', snapshots, string.format('%.0f', kept[i]))
      local fold, id, body = string.match(value, '^(%S+) (%S+) (.*)$')
      -- after a restore the version may be another event's by now
      if fold == foldVersion and redis.call('LINDEX', index, kept[i] - 1) == id then
        snapshotVersion, state = kept[i], body
        break
      end
    end
  end
end

local entries, bytes = {}, 0
if snapshotVersion < last then
  local ids = redis.call('LRANGE', index, snapshotVersion, math.min(snapshotVersion + maxEvents, last) - 1)
  for i = 1, #ids do
    local entry = redis.call('XRANGE', log, ids[i], ids[i])[1]
    if not entry then entry = { ids[i] } else bytes = bytes + #entry[2][10] end
    entries[i] = entry
    if bytes >= maxBytes then break end
  end
end
return { receipt or '', version, snapshotVersion, state, entries }
