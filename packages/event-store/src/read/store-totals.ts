import { reading } from '../connection/translate-redis-error.ts';
import type { StoreContext } from '../context.ts';

/** Counts over the whole log. */
export interface StoreTotals {
  readonly events: number;
  readonly streams: number;
  /** Commands that were queued or recorded, since the log was created. */
  readonly commands: number;
}

/** Reads three numbers of each partition; the cost does not depend on the size of the log. */
export async function totals({ keys, reader }: StoreContext): Promise<StoreTotals> {
  const partitions = Array.from({ length: keys.partitions }, (_, partition) => partition);
  const sumOf = async (read: (partition: number) => Promise<number | string | null>): Promise<number> => {
    const values = await reading(Promise.all(partitions.map(read)));
    return values.reduce<number>((sum, value) => sum + Number(value ?? 0), 0);
  };
  const [events, streams, commands] = await Promise.all([
    sumOf((partition) => reader.xlen(keys.log(partition))),
    sumOf((partition) => reader.get(keys.count(partition, 'streams'))),
    sumOf((partition) => reader.get(keys.count(partition, 'commands'))),
  ]);
  return { events, streams, commands };
}
