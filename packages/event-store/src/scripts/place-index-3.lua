#!lua
-- Ends the rebuild of one stream's index: the collected index replaces the live one.
--
-- KEYS[1] hold     string  token of the rebuild that holds the partition
-- KEYS[2] rebuilt  list    the index as collected from the log; absent where the log has no event of the stream
-- KEYS[3] index    list    the live index
-- ARGV[1] token    of the rebuild that calls
--
-- Returns { 'placed' } | { 'removed' } | { 'taken-over' } (another rebuild holds the partition by now)
-- Effects RENAME, DEL; none when 'taken-over'. Not to be repeated: the second time would remove the index.
local hold, rebuilt, index = KEYS[1], KEYS[2], KEYS[3]
local token = ARGV[1]

if redis.call('GET', hold) ~= token then return { 'taken-over' } end
if redis.call('EXISTS', rebuilt) == 1 then
  redis.call('RENAME', rebuilt, index)
  return { 'placed' }
end
redis.call('DEL', index)
return { 'removed' }
