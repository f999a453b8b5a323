#!lua flags=allow-oom
-- Lets a partition take appends again after its index was rebuilt.
--
-- KEYS[1] hold     string  token of the rebuild that holds the partition
-- KEYS[2] streams  string  how many streams the partition has
-- ARGV[1] token    of the rebuild that calls
-- ARGV[2] count    streams that the rebuild has found
--
-- Returns { 'released' } | { 'taken-over' } (another rebuild holds the partition by now)
-- Effects SET, DEL; none when 'taken-over'.
local hold, streams = KEYS[1], KEYS[2]
local token, count = ARGV[1], ARGV[2]

if redis.call('GET', hold) ~= token then return { 'taken-over' } end
redis.call('SET', streams, count)
redis.call('DEL', hold)
return { 'released' }
