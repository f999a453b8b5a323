import { expect, it } from 'vitest';
import { createHeldStreams } from './held-streams.ts';
import { newProgress } from './partition-state.ts';
import { DEFAULT_POLICY } from './policy.ts';

it('lets what has waited longest have its turn first, so that none waits for ever', () => {
  const streams = ['a', 'b', 'c'];
  const long = Date.now() - 10_000;
  const deferred = new Map(streams.map((stream, i) => [stream, long + i]));
  const held = createHeldStreams(DEFAULT_POLICY, newProgress(), { blocked: streams, deferred });
  expect(held.due()).toEqual(['a', 'b', 'c']);
  held.hold('a', { cause: 'deferred', retryAt: new Date(long + 5_000).toISOString() });
  expect(held.due()).toEqual(['b', 'c', 'a']);
});
