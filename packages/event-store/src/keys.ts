import { createHash } from 'node:crypto';
import { partitionOf, partitionTags } from './partitions.ts';

/** Names of every key. All keys that one script touches share a partition's hash tag. */
export interface StoreKeys {
  readonly partitions: number;
  readonly meta: string;
  /** Ids of imported events that are not their positions, over all partitions: a hash. */
  readonly ownIds: string;
  /** Written beside the server by what looks at its disk: `<free bytes> <all bytes>`. Absent where nothing does. */
  readonly disk: string;
  partitionOf(stream: string): number;
  log(partition: number): string;
  /** Present while nobody may append to a partition: its index is being rebuilt, or the log is disputed. */
  hold(partition: number): string;
  stream(stream: string): string;
  /** Every key that `stream` gives for a partition starts with this. */
  streamPrefix(partition: number): string;
  /** Where a rebuild collects an index before it takes the place of the live one. */
  rebuilt(partition: number, token: string, stream: string): string;
  /** What every `rebuilt` key of a partition starts with. */
  rebuiltPrefix(partition: number): string;
  snapshots(stream: string): string;
  /** The receipt of an append under a key. */
  idempotency(stream: string, scope: readonly string[]): string;
  /** Which request a key stands for in the whole log: on a partition that the key alone decides. */
  claim(idempotencyKey: string): string;
  commandQueue(partition: number, category: string): string;
  command(partition: number, commandId: string): string;
  /** How many streams or commands the partition has had so far: a number that the writing scripts keep. */
  count(partition: number, what: 'streams' | 'commands'): string;
  /** State of a consumer group on one partition: lease, parked positions, requests. */
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

/** 128 bits of SHA-256 over length-prefixed parts, base64url: short, and no two lists of parts run together. */
export function hashOf(parts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:${part};`);
  return hash.digest('base64url').slice(0, 22);
}
