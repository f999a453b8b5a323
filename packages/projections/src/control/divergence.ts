import { divergenceOf } from '@headrace/consumer';
import { entryIdOf } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';
import type { ProjectionProgress } from './progress.ts';

/** Partitions on which a version stands still, since it has handled events that the log has lost. */
export async function divergedPartitions(
  store: Pick<EventStore, 'keys' | 'redis' | 'readEvent'>,
  { partitions }: ProjectionProgress,
): Promise<readonly number[]> {
  const found = await Promise.all(
    partitions.map(async ({ partition, position, stream, streamVersion: version }) => {
      const entryId = position === null ? null : entryIdOf(position);
      const error = await divergenceOf(store, partition, { entryId, stream, version });
      return error === null ? [] : [partition];
    }),
  );
  return found.flat();
}
