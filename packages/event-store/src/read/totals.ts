import { reading, translateFailure } from '../connection/failures.ts';
import type { StoreContext } from '../context.ts';

/** How much there is and has been in the whole store. */
export interface StoreTotals {
  readonly events: number;
  readonly streams: number;
  /** Commands that were queued or recorded, since the log was created. */
  readonly commands: number;
}

/** Reads three numbers of each partition, whatever the log holds. */
export async function totals({ keys, reader }: StoreContext): Promise<StoreTotals> {
  const pipeline = reader.pipeline();
  for (let partition = 0; partition < keys.partitions; partition += 1) {
    pipeline.xlen(keys.log(partition));
    pipeline.get(keys.count(partition, 'streams'));
    pipeline.get(keys.count(partition, 'commands'));
  }
  const sums: [events: number, streams: number, commands: number] = [0, 0, 0];
  for (const [i, [error, value]] of ((await reading(pipeline.exec())) ?? []).entries()) {
    if (error !== null) throw translateFailure(error);
    sums[i % 3] = (sums[i % 3] ?? 0) + Number(value ?? 0);
  }
  const [events, streams, commands] = sums;
  return { events, streams, commands };
}
