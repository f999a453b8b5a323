#!lua flags=allow-oom
-- Extends a lease, or raises its epoch; only its holder can.
--
-- KEYS[1] lease     hash  owner, epoch, until (ms)
-- ARGV[1] epoch     of the holder
-- ARGV[2] leaseMs   how long the lease holds from now, ms; 0 gives it back
-- ARGV[3] newEpoch  epoch from now on, at least the present one
--
-- Returns 'renewed' | 'lost'
-- Effects HSET; none when 'lost'.
local lease = KEYS[1]
local epoch, leaseMs, newEpoch = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local held = redis.call('HMGET', lease, 'epoch', 'until')
if tonumber(held[1] or 0) ~= epoch or tonumber(held[2] or 0) <= now then return 'lost' end
redis.call('HSET', lease, 'until', string.format('%.0f', now + leaseMs), 'epoch', newEpoch)
return 'renewed'
