#!lua flags=no-writes
-- Everything that a decision needs, in one round trip: the receipt of an earlier request under the same key, the
-- newest usable snapshot, and the first page of the events after it.
--
-- KEYS[1] log          stream
-- KEYS[2] index        list    entry ids of the stream's events
-- KEYS[3] snapshots    hash    version -> '<fold version> <entry id> <state JSON>'
-- KEYS[4] idempotency  string  receipt; read only where ARGV[5] is '1', else any key of the partition
-- ARGV[1] foldVersion  '' to use no snapshot
-- ARGV[2] upTo         last version wanted; 0 for the end
-- ARGV[3] maxEvents    events a page
-- ARGV[4] maxBytes     bytes of data a page; at least one event is returned
-- ARGV[5] keyed        '1' | '0'
--
-- Returns { receipt or '', version, snapshot version or 0, snapshot state or '', { entry, … } }, packed; entries as
--         read-stream gives them
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
  local kept = {}
  for _, field in ipairs(redis.call('HKEYS', snapshots)) do
    local of = tonumber(field)
    if of and of <= last then kept[#kept + 1] = { of = of, field = field } end
  end
  table.sort(kept, function(a, b) return a.of > b.of end)
  for i = 1, #kept do
    local fold, id, body = string.match(redis.call('HGET', snapshots, kept[i].field), '^(%S+) (%S+) (.*)$')
    -- after a restore another event may have this version
    if fold == foldVersion and redis.call('LINDEX', index, kept[i].of - 1) == id then
      snapshotVersion, state = kept[i].of, body
      break
    end
  end
end

local entries, bytes = {}, 0
if snapshotVersion < last then
  local ids = redis.call('LRANGE', index, snapshotVersion, math.min(snapshotVersion + maxEvents, last) - 1)
  for i = 1, #ids do
    local entry = redis.call('XRANGE', log, ids[i], ids[i])[1] or { ids[i] }
    -- where appends write the data
    bytes = bytes + #(entry[2] and entry[2][10] or '')
    entries[i] = entry
    if bytes >= maxBytes then break end
  end
end
return cmsgpack.pack({ receipt or '', version, snapshotVersion, state, entries })
