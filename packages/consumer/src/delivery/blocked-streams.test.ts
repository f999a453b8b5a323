import { expect, it } from 'vitest';
import { BlockedStreams } from './blocked-streams.ts';
import { DEFAULT_POLICY } from './delivery-policy.ts';
import { newProgress } from './partition-progress.ts';

it('lets what has waited longest have its turn first, so that none waits for ever', () => {
  const streams = ['a', 'b', 'c'];
  const long = Date.now() - 10_000;
  const deferred = new Map(streams.map((stream, i) => [stream, long + i]));
  const blocked = new BlockedStreams(DEFAULT_POLICY, newProgress(), { blocked: streams, deferred });
  expect(blocked.due()).toEqual(['a', 'b', 'c']);
  blocked.block('a', { cause: 'deferred', retryAt: new Date(long + 5_000).toISOString() });
  expect(blocked.due()).toEqual(['b', 'c', 'a']);
});
