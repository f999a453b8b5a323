#!lua
-- Binds an idempotency key to the first request that comes with it.
--
-- KEYS[1] claim        string  fingerprint of the request that the key stands for
-- ARGV[1] fingerprint  of the request that comes with the key now
-- ARGV[2] keptS        how long the key stands for it, from now on, s
--
-- Returns { 'claimed' } | { 'key-reused' }
-- Effects SET; none for 'key-reused'.
local claim = KEYS[1]
local fingerprint, keptS = ARGV[1], ARGV[2]

local first = redis.call('GET', claim)
if first and first ~= fingerprint then return { 'key-reused' } end
-- for a repeat too: what it leads to is kept from now on
redis.call('SET', claim, fingerprint, 'EX', keptS)
return { 'claimed' }
