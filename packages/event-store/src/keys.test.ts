import { describe, expect, it } from 'vitest';
import { createKeys, hashOf } from './keys.ts';
import { slotOf } from './partitions.ts';

describe('keys', () => {
  const keys = createKeys('headrace', 8);

  it('are named as the design has them', () => {
    expect(keys.meta).toBe('headrace:meta');
    expect(keys.ownIds).toBe('headrace:own-ids');
    expect(keys.log(3)).toBe('headrace:{3.1}:log');
    expect(keys.group(3, 'mail', 'lease')).toBe('headrace:{3.1}:group:mail:lease');
    expect(keys.members('mail')).toBe('headrace:group:mail:members');
    expect(keys.commandQueue(3, 'order')).toBe('headrace:{3.1}:commands:order');
    expect(keys.count(3, 'streams')).toBe('headrace:{3.1}:count:streams');
    const stream = 'order:42';
    const tag = keys.log(keys.partitionOf(stream)).split(':')[1];
    expect(keys.stream(stream)).toBe(`headrace:${tag}:stream:order:42`);
    expect(keys.snapshots(stream)).toBe(`headrace:${tag}:snapshots:order:42`);
    expect(keys.idempotency(stream, ['a'])).toMatch(/^headrace:\{[\d.]+\}:idempotency:[\w-]{22}$/);
    expect(keys.claim('k 1')).toMatch(/^headrace:\{[\d.]+\}:claim:[\w-]{22}$/);
  });

  it('of an idempotency key are spread over all partitions, and the same whatever it is used for', () => {
    const tags = Array.from({ length: 200 }, (_, i) => keys.claim(`key-${i}`).split(':')[1]);
    expect(new Set(tags).size).toBe(8);
    expect(keys.claim('a')).toBe(createKeys('headrace', 8).claim('a'));
    expect(keys.claim('a')).not.toBe(keys.claim('b'));
  });

  it('of one stream lie in one slot, that of its log', () => {
    const tagOf = (key: string): string => /\{(.+?)\}/.exec(key)?.[1] ?? '';
    for (const stream of ['order:1', 'user_2', 'account:ACC-001']) {
      const partition = keys.partitionOf(stream);
      const all = [
        keys.log(partition),
        keys.hold(partition),
        keys.stream(stream),
        keys.snapshots(stream),
        keys.idempotency(stream, ['a', 'b']),
        keys.rebuilt(partition, 'token', stream),
        keys.commandQueue(partition, 'order'),
        keys.command(partition, 'id'),
        keys.count(partition, 'streams'),
        keys.count(partition, 'commands'),
        keys.group(partition, 'g', 'x'),
      ];
      expect(new Set(all.map((key) => slotOf(tagOf(key)))).size).toBe(1);
    }
  });

  it('start with their prefixes, which SCAN needs', () => {
    const partition = keys.partitionOf('order:1');
    expect(keys.stream('order:1')).toBe(`${keys.streamPrefix(partition)}order:1`);
    expect(keys.rebuilt(partition, 't', 'order:1').startsWith(keys.rebuiltPrefix(partition))).toBe(true);
  });

  it('are refused for a partition that is not there', () => {
    for (const partition of [8, -1, 0.5, Number.NaN]) expect(() => keys.log(partition)).toThrow(RangeError);
  });

  it('keep lists of parts apart that run together', () => {
    const hashes = [['ab', 'c'], ['a', 'bc'], ['abc'], ['a', 'b', 'c'], [], ['']].map(hashOf);
    expect(new Set(hashes).size).toBe(6);
    expect(hashOf(['a', 'b'])).toBe(hashOf(['a', 'b']));
  });
});
