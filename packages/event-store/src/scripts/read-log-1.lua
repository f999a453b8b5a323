#!lua flags=no-writes
-- The next entries of a partition of the log.
--
-- KEYS[1] log    stream  the partition's events
-- ARGV[1] start  entry id to begin with, '(<entry id>' to begin after it, or '-'
-- ARGV[2] count  entries at most
--
-- Returns { lines, { entry, … } }
--         An entry as appends write it is a line of id, stream, version, type, schema, data and meta, with \31 between
--         them and \30 between lines: clients read that many times faster than nested replies. JSON escapes both
--         characters. Any other entry is an empty line, and stands whole in the list.
-- Effects none.
local log = KEYS[1]
local start, count = ARGV[1], ARGV[2]

local find = string.find
local function lineOf(id, f)
  if not (#f == 12 and f[1] == 'stream' and f[3] == 'version' and f[5] == 'type' and f[7] == 'schema'
    and f[9] == 'data' and f[11] == 'meta') then return '' end
  local line = id .. '\31' .. f[2] .. '\31' .. f[4] .. '\31' .. f[6] .. '\31' .. f[8] .. '\31' .. f[10] .. '\31' .. f[12]
  local hasDivider = find(f[10], '\31', 1, true) or find(f[12], '\31', 1, true)
    or find(f[2] .. f[4] .. f[6] .. f[8], '\31', 1, true) or find(line, '\30', 1, true)
  return hasDivider and '' or line
end

local lines, others = {}, {}
for i, entry in ipairs(redis.call('XRANGE', log, start, '+', 'COUNT', count)) do
  lines[i] = lineOf(entry[1], entry[2])
  if lines[i] == '' then others[#others + 1] = entry end
end
return { table.concat(lines, '\30'), others }
