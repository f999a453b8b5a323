import { compareEntryIds, type EventEnvelope, entryIdOf, formatPosition } from '@headrace/event-schema';
import { type EventStore, lastEntryId } from '@headrace/event-store';
import type { SessionContext } from '../delivery/session-context.ts';
import { DivergedError } from '../errors.ts';
import { groupInfo } from '../group/redis-group.ts';
import type { Checkpoint } from './transactional-sink.ts';

/** What identifies the event that a checkpoint stands at. */
export type CheckpointEvent = Pick<Checkpoint, 'entryId' | 'stream' | 'version'>;

/** The checkpoint at this event. */
export function checkpointAt({ position, stream, version }: EventEnvelope) {
  return { entryId: entryIdOf(position), stream, version } satisfies CheckpointEvent;
}

/**
 * Whether the log still holds what a checkpoint says was handled; null: it does. After a fail-over or a restore it
 * may have lost its tail and gone on differently; effects would then silently differ from it.
 */
export async function divergenceOf(
  store: Pick<EventStore, 'keys' | 'redis' | 'readEvent'>,
  partition: number,
  { entryId, stream, version }: CheckpointEvent,
): Promise<DivergedError | null> {
  if (entryId === null) return null;
  const position = formatPosition(partition, entryId);
  const event = await store.readEvent(position);
  if (event !== null && event.stream === stream && event.version === version) return null;
  const last = await lastEntryId(store.redis, store.keys.log(partition));
  const ends = last === null ? 'is empty' : `ends at ${formatPosition(partition, last)}`;
  const lost = last === null || compareEntryIds(last, entryIdOf(position)) < 0;
  return new DivergedError(
    lost
      ? `the checkpoint is at ${position}, but the log ${ends}: its tail was lost. Restore the log, or resync this group`
      : `the log no longer holds the event at ${position} that this group handled (${stream} version ${version}): its tail was lost and others took its place. Restore the log, or resync this group`,
  );
}

/**
 * Whether the database has lost what a group had handled, such as a database that was restored from a backup, or is
 * empty; null: it has not. Only for groups that are not repeatable; others go on from there. The
 * mirror in Redis is ahead of the checkpoint only if the database has lost data.
 */
export async function lossOf(
  { store, group }: Pick<SessionContext, 'store' | 'group'>,
  partition: number,
  { entryId }: CheckpointEvent,
): Promise<DivergedError | null> {
  const info = await groupInfo(store.redis, store.keys.log(partition), group);
  if (info === null || compareEntryIds(info.lastDeliveredId, entryId ?? '0-0') <= 0) return null;
  const [was, is] = [info.lastDeliveredId, entryId].map((at) =>
    at === null ? 'the beginning' : formatPosition(partition, at),
  );
  return new DivergedError(
    `the database has lost what this group handled: it had come to ${was}, and its checkpoint is at ${is}. Its effects cannot be made anew as they were: restore a newer backup, or accept that they may differ`,
  );
}
