#!lua flags=allow-oom
-- Records which server has the log. One that was a replica may lack events that were answered before it took over, and
-- its clock may be behind: it assigns ids of a new generation, which no reader can have seen.
--
-- KEYS[1] meta        hash  of the log: server, generation
-- ARGV[1] server      replication id of the server
-- ARGV[2] isPromoted  '1' where it has been a replica, else '0'
-- ARGV[3] fresh       a new generation
--
-- Returns { 'known', generation } (0 for a server that has taken over from none)
-- Effects HSET.
local meta = KEYS[1]
local server, isPromoted, fresh = ARGV[1], ARGV[2], ARGV[3]

if redis.call('HGET', meta, 'server') ~= server then
  redis.call('HSET', meta, 'server', server)
  if isPromoted == '1' then redis.call('HSET', meta, 'generation', fresh) end
end
return { 'known', redis.call('HGET', meta, 'generation') or '0' }
