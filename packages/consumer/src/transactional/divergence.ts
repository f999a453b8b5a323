import { compareEntryIds, entryIdOf, formatPosition } from '@headrace/event-schema';
import { DivergedError, type SessionContext } from '../delivery/session.ts';
import type { Checkpoint } from './sink.ts';

/**
 * Checks that the log still holds what the checkpoint says was handled. After a fail-over or a restore it may
 * have lost its tail and gone on differently; read models would then silently differ from it.
 * @throws DivergedError
 */
export async function assertNotDiverged(context: SessionContext, checkpoint: Checkpoint): Promise<void> {
  const { store, lease } = context;
  const { entryId, stream, version } = checkpoint;
  if (entryId === null) return;
  const position = formatPosition(lease.partition, entryId);
  const event = await store.readEvent(position);
  if (event !== null && event.stream === stream && event.version === version) return;
  const [last] = await store.redis.xrevrange(store.keys.log(lease.partition), '+', '-', 'COUNT', 1);
  const ends = last === undefined ? 'is empty' : `ends at ${formatPosition(lease.partition, last[0])}`;
  const lost = last === undefined || compareEntryIds(last[0], entryIdOf(position)) < 0;
  throw new DivergedError(
    lost
      ? `the checkpoint is at ${position}, but the log ${ends}: its tail was lost. Restore the log, or this database to a time before`
      : `the log holds another event at ${position} than the one this group handled (${stream} version ${version}). Restore the log, or this database to a time before`,
  );
}
