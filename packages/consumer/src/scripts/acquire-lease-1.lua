#!lua flags=allow-oom
-- Takes a partition's lease where nobody holds it. Every holding has an epoch of its own, higher than any before.
--
-- KEYS[1] lease    hash  owner, epoch, until (ms)
-- ARGV[1] owner    instance name
-- ARGV[2] leaseMs  how long the lease holds without renewal, ms
--
-- Returns { 'acquired', epoch } | { 'held', owner }
-- Effects HSET; none when 'held'.
local lease = KEYS[1]
local owner, leaseMs = ARGV[1], tonumber(ARGV[2])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'owner', 'until', 'epoch')
if held[1] and held[1] ~= '' and tonumber(held[2]) > now then return { 'held', held[1] } end
local epoch = tonumber(held[3] or 0) + 1
redis.call('HSET', lease, 'owner', owner, 'epoch', string.format('%.0f', epoch), 'until', string.format('%.0f', now + leaseMs))
return { 'acquired', epoch }
