import {
  type Checkpoint,
  type Claim,
  FencedError,
  type Move,
  type Ownership,
  type PartitionOfGroup,
  type Step,
  type Suspect,
} from '@headrace/consumer';
import { type QueryExecutorProvider, sql } from 'kysely';

interface CheckpointRow {
  readonly entry_id: string | null;
  readonly stream: string | null;
  readonly version: number;
  readonly handled_entries: number;
}

interface TakenRow extends CheckpointRow {
  readonly careful_until: number | null;
  readonly suspect: string | null;
  readonly crashes: number;
}

export type TakenCheckpoint =
  | {
      readonly status: 'taken';
      readonly checkpoint: Checkpoint;
      readonly carefulUntil: number | null;
      readonly suspect: Suspect | null;
    }
  | { readonly status: 'outdated'; readonly epoch: number };

/**
 * Makes an instance the owner, if no higher epoch has been seen, nor the same one from another instance. From
 * then on the steps of owners before it fail. An owner that is followed by a higher epoch without having said that
 * it is gone may have died: of the event that it was trying alone, if any, else of some event of its batch. One that
 * was careful had no batch, so that its successor goes on with what is left of its care.
 */
export async function takeCheckpointOver(tx: QueryExecutorProvider, claim: Claim): Promise<TakenCheckpoint> {
  const { group, partition, epoch, instance, batchSize } = claim;
  const { rows } = await sql<TakenRow>`
    insert into consumer_checkpoints as known (group_name, partition, epoch, owner, owner_state)
    values (${group}, ${partition}, ${epoch}, ${instance}, 'working')
    on conflict (group_name, partition) do update
      set epoch = excluded.epoch, owner = excluded.owner, owner_state = 'working', updated_at = now(),
        careful_until = case
          when known.careful_until > known.handled_entries
            then least(known.careful_until, known.handled_entries + ${batchSize}::bigint)
          when known.owner_state = 'gone' or known.epoch = excluded.epoch then null
          else known.handled_entries + ${batchSize}::bigint end,
        crashes = known.crashes + (known.trying and known.epoch < excluded.epoch)::integer,
        trying = false
      where known.epoch < excluded.epoch or (known.epoch = excluded.epoch and known.owner = excluded.owner)
    returning entry_id, stream, version, handled_entries, suspect, crashes, careful_until`.execute(tx);
  const [row] = rows;
  if (row !== undefined) {
    const { suspect, crashes, careful_until } = row;
    return {
      status: 'taken',
      checkpoint: checkpointOf(row),
      carefulUntil: careful_until,
      suspect: suspect === null || crashes === 0 ? null : { entryId: suspect, crashes },
    };
  }
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

/** Nothing, where the partition is another's by now. */
export async function releaseCheckpoint(
  db: QueryExecutorProvider,
  { group, partition, epoch }: Ownership,
): Promise<void> {
  await sql`
    update consumer_checkpoints
    set owner_state = 'gone', trying = false
    where group_name = ${group} and partition = ${partition} and epoch = ${epoch}`.execute(db);
}

/** @throws FencedError */
export async function endCare(
  db: QueryExecutorProvider,
  { group, partition, epoch }: Ownership,
): Promise<void> {
  const { numAffectedRows } = await sql`
    update consumer_checkpoints set careful_until = null
    where group_name = ${group} and partition = ${partition} and epoch = ${epoch}`.execute(db);
  if (numAffectedRows !== 1n) throw new FencedError('ending care');
}

/** @throws FencedError */
export async function beginAlone(
  db: QueryExecutorProvider,
  { group, partition, epoch }: Ownership,
  entryId: string,
  crashes: number,
): Promise<void> {
  const { numAffectedRows } = await sql`
    update consumer_checkpoints
    set crashes = greatest(case when suspect = ${entryId} then crashes else 0 end, ${crashes}::integer),
      suspect = ${entryId}, trying = true
    where group_name = ${group} and partition = ${partition} and epoch = ${epoch}`.execute(db);
  if (numAffectedRows !== 1n) throw new FencedError('beginning an event');
}

/** Only with the checkpoint locked: the event that was tried alone is done with, though the checkpoint stays. */
export async function endAlone(
  tx: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
): Promise<void> {
  await sql`
    update consumer_checkpoints set suspect = null, crashes = 0, trying = false
    where group_name = ${group} and partition = ${partition}`.execute(tx);
}

export async function currentCheckpoint(
  db: QueryExecutorProvider,
  { group, partition }: PartitionOfGroup,
): Promise<{ readonly epoch: number; readonly checkpoint: Checkpoint } | null> {
  const { rows } = await sql<CheckpointRow & { readonly epoch: number }>`
    select epoch, entry_id, stream, version, handled_entries from consumer_checkpoints
    where group_name = ${group} and partition = ${partition}`.execute(db);
  const [row] = rows;
  return row === undefined ? null : { epoch: row.epoch, checkpoint: checkpointOf(row) };
}

/** Locks all of a group's checkpoints, in the order that every transaction uses. */
export async function lockAllCheckpoints(tx: QueryExecutorProvider, group: string): Promise<void> {
  await sql`
    select 1 from consumer_checkpoints where group_name = ${group} order by partition for update`.execute(tx);
}

/** Only with all of them locked. */
export async function putAllBack(tx: QueryExecutorProvider, group: string): Promise<void> {
  await sql`
    update consumer_checkpoints
    set entry_id = null, stream = null, version = 0, handled_entries = 0, updated_at = now(),
        careful_until = null, suspect = null, crashes = 0, trying = false
    where group_name = ${group}`.execute(tx);
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

/**
 * Moves the checkpoint, and locks it until the transaction ends; comes before everything else in it.
 * @throws FencedError when epoch or checkpoint are not the step's
 */
export async function moveCheckpoint(
  tx: QueryExecutorProvider,
  { group, partition, epoch, from }: Step,
  to: Checkpoint,
): Promise<void> {
  const { numAffectedRows } = await sql`
    update consumer_checkpoints
    set entry_id = ${to.entryId}, stream = ${to.stream}, version = ${to.version},
        handled_entries = ${to.handledEntries}, updated_at = now(),
        suspect = null, crashes = 0, trying = false
    where group_name = ${group} and partition = ${partition} and epoch = ${epoch}
      and entry_id is not distinct from ${from}`.execute(tx);
  if (numAffectedRows !== 1n) throw new FencedError('committing');
}

/** SQLSTATE of a text that is no number. */
const NO_NUMBER = '22P02';

/**
 * Moves checkpoints, all or none, and locks them until the transaction ends; comes before everything else in it. Waits
 * for none: whoever holds one of several must not wait for another. Where it cannot, it fails in the server, so that
 * what has been sent behind it fails at once.
 * @throws FencedError when epoch or checkpoint of any are not the move's, or another transaction has it locked
 */
export async function moveCheckpoints(tx: QueryExecutorProvider, moves: readonly Move[]): Promise<void> {
  const column = <Value>(cellOf: (move: Move) => Value): Value[] => moves.map(cellOf);
  const moving = sql`
    with given as (
      select * from unnest(
        ${column(({ group }) => group)}::text[],
        ${column(({ partition }) => partition)}::integer[],
        ${column(({ epoch }) => epoch)}::bigint[],
        ${column(({ from }) => from)}::text[],
        ${column(({ to }) => to.entryId)}::text[],
        ${column(({ to }) => to.stream)}::text[],
        ${column(({ to }) => to.version)}::bigint[],
        ${column(({ to }) => to.handledEntries)}::bigint[]
      ) as given (group_name, partition, epoch, from_entry_id, entry_id, stream, version, handled_entries)),
    locked as materialized (
      select known.group_name, known.partition
      from consumer_checkpoints as known join given using (group_name, partition)
      where known.epoch = given.epoch and known.entry_id is not distinct from given.from_entry_id
      for update of known skip locked),
    moved as (
      update consumer_checkpoints as known
      set entry_id = given.entry_id, stream = given.stream, version = given.version,
          handled_entries = given.handled_entries, updated_at = now(),
          suspect = null, crashes = 0, trying = false
      from locked join given using (group_name, partition)
      where known.group_name = locked.group_name and known.partition = locked.partition
      returning 1)
    select case count(*) when ${moves.length}::integer then 0
      else ('refused: checkpoints not where their owner knows them; could move only ' || count(*))::integer end
    from moved`;
  try {
    await moving.execute(tx);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === NO_NUMBER) throw new FencedError('committing');
    throw error;
  }
}
