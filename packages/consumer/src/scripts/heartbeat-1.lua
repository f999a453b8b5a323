#!lua flags=allow-oom
-- Marks a member as alive and lists the live members of its group.
--
-- KEYS[1] members   sorted set  member -> time of its last heartbeat, ms
-- ARGV[1] member    instance name; '' to only look
-- ARGV[2] aliveMs   a member is alive for this long after a heartbeat, ms
--
-- Returns { clock ms, { member, … } }, members in alphabetical order
-- Effects ZADD, ZREMRANGEBYSCORE, PEXPIRE.
local members = KEYS[1]
local member, aliveMs = ARGV[1], tonumber(ARGV[2])

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if member ~= '' then redis.call('ZADD', members, now, member) end
redis.call('ZREMRANGEBYSCORE', members, '-inf', now - aliveMs)
redis.call('PEXPIRE', members, aliveMs * 10)
local alive = redis.call('ZRANGE', members, 0, -1)
table.sort(alive)
return { string.format('%.0f', now), alive }
