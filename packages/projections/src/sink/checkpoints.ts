import { type Checkpoint, FencedError, type PartitionOfGroup, type Step } from '@headrace/consumer';
import { type QueryExecutorProvider, sql } from 'kysely';

interface CheckpointRow {
  readonly entry_id: string | null;
  readonly stream: string | null;
  readonly version: number;
  readonly handled_entries: number;
}

export type TakenCheckpoint =
  | { readonly status: 'taken'; readonly checkpoint: Checkpoint }
  | { readonly status: 'outdated'; readonly epoch: number };

/**
 * Makes an instance the owner, if no higher epoch has been seen, nor the same one from another instance. From
 * then on the steps of owners before it fail.
 */
export async function takeCheckpointOver(
  tx: QueryExecutorProvider,
  claim: PartitionOfGroup & { readonly epoch: number; readonly instance: string },
): Promise<TakenCheckpoint> {
  const { group, partition, epoch, instance } = claim;
  const { rows } = await sql<CheckpointRow>`
    insert into consumer_checkpoints as known (group_name, partition, epoch, owner)
    values (${group}, ${partition}, ${epoch}, ${instance})
    on conflict (group_name, partition) do update
      set epoch = excluded.epoch, owner = excluded.owner, updated_at = now()
      where known.epoch < excluded.epoch or (known.epoch = excluded.epoch and known.owner = excluded.owner)
    returning entry_id, stream, version, handled_entries`.execute(tx);
  const [row] = rows;
  if (row !== undefined) return { status: 'taken', checkpoint: checkpointOf(row) };
  const known = await sql<{ epoch: number }>`
    select epoch from consumer_checkpoints where group_name = ${group} and partition = ${partition}`.execute(
    tx,
  );
  return { status: 'outdated', epoch: known.rows[0]?.epoch ?? epoch };
}

function checkpointOf(row: CheckpointRow): Checkpoint {
  return {
    entryId: row.entry_id,
    stream: row.stream,
    version: row.version,
    handledEntries: row.handled_entries,
  };
}

/**
 * Locks the checkpoint until the transaction ends; comes before everything else in it.
 * @throws FencedError when epoch or checkpoint are not the step's
 */
export async function lockCheckpoint(tx: QueryExecutorProvider, step: Step): Promise<void> {
  const { rows } = await sql<{ epoch: number; entry_id: string | null }>`
    select epoch, entry_id from consumer_checkpoints
    where group_name = ${step.group} and partition = ${step.partition} for update`.execute(tx);
  const [row] = rows;
  if (row === undefined || row.epoch !== step.epoch || row.entry_id !== step.from)
    throw new FencedError('committing');
}

/** Only with the checkpoint locked. */
export async function moveCheckpoint(
  tx: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
  to: Checkpoint,
): Promise<void> {
  await sql`
    update consumer_checkpoints
    set entry_id = ${to.entryId}, stream = ${to.stream}, version = ${to.version},
        handled_entries = ${to.handledEntries}, updated_at = now()
    where group_name = ${group} and partition = ${partition}`.execute(tx);
}
