import { createHash } from 'node:crypto';
import { partitionOf, partitionTags } from './partitions.ts';

/** The names of all keys. The keys that one script touches share a partition's hash tag. */
export interface StoreKeys {
  readonly partitions: number;
  readonly meta: string;
  /** A hash of the ids of imported events that differ from their positions, over all partitions. */
  readonly ownIds: string;
  /** `<free bytes> <total bytes>` of the server's disk, written by a check beside the server; may be absent. */
  readonly disk: string;
  partitionOf(stream: string): number;
  log(partition: number): string;
  /** Present while the partition takes no appends: its index is being rebuilt, or the log is disputed. */
  hold(partition: number): string;
  stream(stream: string): string;
  /** Prefix of all keys that `stream` gives for a partition. */
  streamPrefix(partition: number): string;
  /** An index that a rebuild collects, before it replaces the live one. */
  rebuilt(partition: number, token: string, stream: string): string;
  /** Prefix of all `rebuilt` keys of a partition. */
  rebuiltPrefix(partition: number): string;
  snapshots(stream: string): string;
  /** The receipt of an append under a key. */
  idempotency(stream: string, scope: readonly string[]): string;
  /** Which request an idempotency key stands for in the whole log; its partition is that of the key. */
  claim(idempotencyKey: string): string;
  commandQueue(partition: number, category: string): string;
  command(partition: number, commandId: string): string;
  /** Number of streams or commands that the partition has had so far; the writing scripts maintain it. */
  count(partition: number, what: 'streams' | 'commands'): string;
  /** State of a consumer group on a partition: lease, parked positions, requests. */
  group(partition: number, group: string, what: string): string;
  members(group: string): string;
}

export function createKeys(prefix: string, partitions: number): StoreKeys {
  const bases = partitionTags(partitions).map((tag) => `${prefix}:{${tag}}`);
  const base = (partition: number): string => {
    const found = bases[partition];
    if (found === undefined)
      throw new RangeError(`there is no partition ${partition}; the log has ${partitions}`);
    return found;
  };
  const home = (stream: string): string => base(partitionOf(stream, partitions));
  return {
    partitions,
    meta: `${prefix}:meta`,
    ownIds: `${prefix}:own-ids`,
    disk: `${prefix}:disk`,
    partitionOf: (stream) => partitionOf(stream, partitions),
    log: (partition) => `${base(partition)}:log`,
    hold: (partition) => `${base(partition)}:hold`,
    stream: (stream) => `${home(stream)}:stream:${stream}`,
    streamPrefix: (partition) => `${base(partition)}:stream:`,
    rebuilt: (partition, token, stream) => `${base(partition)}:rebuilt:${token}:${stream}`,
    rebuiltPrefix: (partition) => `${base(partition)}:rebuilt:`,
    snapshots: (stream) => `${home(stream)}:snapshots:${stream}`,
    idempotency: (stream, scope) => `${home(stream)}:idempotency:${hashOf([stream, ...scope])}`,
    claim: (idempotencyKey) => `${home(idempotencyKey)}:claim:${hashOf([idempotencyKey])}`,
    commandQueue: (partition, category) => `${base(partition)}:commands:${category}`,
    command: (partition, commandId) => `${base(partition)}:command:${commandId}`,
    count: (partition, what) => `${base(partition)}:count:${what}`,
    group: (partition, group, what) => `${base(partition)}:group:${group}:${what}`,
    members: (group) => `${prefix}:group:${group}:members`,
  };
}

/** 128 bits of SHA-256 over length-prefixed parts, base64url: different lists of parts give different input. */
export function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part};`);
  return hash.digest('base64url').slice(0, 22);
}
