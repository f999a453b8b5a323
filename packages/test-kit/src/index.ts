export { type EventuallyOptions, eventually, NeverHappenedError } from './eventually.ts';
export { type DeciderShape, decider, type Given, type Then, type When } from './given-when-then.ts';
export { headerProblems } from './lua-header.ts';
export { type OwnServer, startOwnPostgres, startOwnRedis } from './own-servers.ts';
export { type TestPostgres, type UsePostgresOptions, usePostgres, usePostgresUrl } from './postgres.ts';
export { type TestRedis, useRedis, useRedisUrl } from './redis.ts';
export { type Stall, type StallWatch, watchStalls } from './stall-watch.ts';
export { standStill } from './stand-still.ts';
export { type RequestMatcher, type TcpProxy, type TcpProxyOptions, tcpProxy } from './tcp-proxy.ts';
