import { describe, expect, it } from 'vitest';
import { partitionOf, partitionTags, slotOf } from './partitions.ts';

describe('partitions', () => {
  it('have the tags that spread them over equal shards', () => {
    expect(partitionTags(8)).toEqual(['0.1', '1.43', '2', '3.1', '4.42', '5.1', '6.1', '7.42']);
    // the one range of a single partition holds every slot
    expect(partitionTags(1)).toEqual(['0']);
  });

  it('are distinct and each in its own range, whatever their number', () => {
    for (const partitions of [2, 3, 5, 16, 64, 1_024]) {
      const tags = partitionTags(partitions);
      expect(new Set(tags).size).toBe(partitions);
      for (const [i, tag] of tags.entries()) expect(Math.floor((slotOf(tag) * partitions) / 16_384)).toBe(i);
    }
  });

  it('have the slots of the cluster specification', () => {
    expect(slotOf('123456789')).toBe(0x31c3);
    expect(slotOf('foo')).toBe(12_182);
  });

  it('are found by CRC-32 of the name', () => {
    expect(partitionOf('123456789', 1_000_000_007)).toBe(0xcbf43926 % 1_000_000_007);
    expect(partitionOf('order:1', 1)).toBe(0);
  });

  it('share streams about equally', () => {
    const counts = new Array<number>(8).fill(0);
    for (let i = 0; i < 8_000; i += 1) {
      const partition = partitionOf(`order:${i}`, 8);
      counts[partition] = (counts[partition] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(200);
  });
});
