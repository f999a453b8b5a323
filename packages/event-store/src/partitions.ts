import { crc32 } from 'node:zlib';

const CLUSTER_SLOTS = 16_384;

/** The partition of a stream: CRC-32 of its name, modulo the number of partitions. */
export function partitionOf(stream: string, partitions: number): number {
  return crc32(stream) % partitions;
}

/**
 * The hash tag of every partition. Partition i has the first of `i`, `i.1`, `i.2`, … whose cluster slot (CRC-16, Redis
 * Cluster specification) is in the i-th of equal ranges, so that shards with equal ranges have equal shares.
 */
export function partitionTags(partitions: number): readonly string[] {
  return Array.from({ length: partitions }, (_, partition) => {
    const from = Math.floor((partition * CLUSTER_SLOTS) / partitions);
    const to = Math.floor(((partition + 1) * CLUSTER_SLOTS) / partitions);
    for (let attempt = 0; ; attempt += 1) {
      const tag = attempt === 0 ? `${partition}` : `${partition}.${attempt}`;
      const slot = slotOf(tag);
      if (slot >= from && slot < to) return tag;
    }
  });
}

/** The slot of a hash tag: CRC-16/XMODEM of its bytes, modulo the number of slots (Redis Cluster specification). */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
  }
  return (crc & 0xffff) % CLUSTER_SLOTS;
}
