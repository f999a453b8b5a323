#!lua
-- Lets writers back onto a partition.
--
-- KEYS[1] hold   string  token of the rebuild that holds the partition
-- ARGV[1] token  of the rebuild that calls
--
-- Returns { 'released' } | { 'taken-over' } (another rebuild holds the partition by now)
-- Effects DEL; none when 'taken-over'.
local hold = KEYS[1]
local token = ARGV[1]

if redis.call('GET', hold) ~= token then return { 'taken-over' } end
redis.call('DEL', hold)
return { 'released' }
