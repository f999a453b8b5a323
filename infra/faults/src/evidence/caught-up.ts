import { setTimeout as sleep } from 'node:timers/promises';
import {
  checkpointsIn,
  commandCategories,
  commandGroup,
  logEnds,
  MAIL_GROUP,
  partitionsOf,
  pendingEntries,
  transactionalGroups,
} from '../world/groups.ts';
import type { Inspector } from '../world/inspector.ts';

/** Everything must be done for this long: the last step may lead to new work. */
const SETTLED_MS = 600;
const POLL_MS = 150;

/** While work goes on, it may take this many times `patienceMs`: more than that is an endless loop. */
const LONGEST_PATIENCE = 3;

/**
 * Waits until every group has handled the whole log, no command waits, and the log has stopped growing. Returns an
 * empty list then; or the open work, if nothing has changed for `patienceMs` or the wait takes three times as long.
 */
export async function waitUntilCaughtUp(
  inspector: Inspector,
  patienceMs: number,
): Promise<readonly string[]> {
  const isStuck = createPatience(patienceMs);
  let quiet: { readonly ends: string; readonly since: number } | undefined;
  for (;;) {
    const open = await openWork(inspector).catch((error: unknown) => [
      `open work is unknown: ${String(error)}`,
    ]);
    const ends = JSON.stringify(await logEnds(inspector).catch(() => []));
    const now = performance.now();
    if (open.length > 0) quiet = undefined;
    else if (quiet?.ends !== ends) quiet = { ends, since: now };
    else if (now - quiet.since >= SETTLED_MS) return [];
    if (isStuck([...open, ends].join())) return open.length > 0 ? open : ['the log keeps growing'];
    await sleep(POLL_MS);
  }
}

/** Says, for the current state, whether it has not changed for too long, or the whole wait takes too long. */
function createPatience(patienceMs: number): (state: string) => boolean {
  const startedAt = performance.now();
  let last = { state: '', since: startedAt };
  return (state) => {
    const now = performance.now();
    if (state !== last.state) last = { state, since: now };
    return now - last.since > patienceMs || now - startedAt > LONGEST_PATIENCE * patienceMs;
  };
}

/** Everything that is still to be done, one line each. */
async function openWork(inspector: Inspector): Promise<readonly string[]> {
  const ends = await logEnds(inspector);
  const behind = await Promise.all(
    Object.values(transactionalGroups).map(({ schema, groups }) =>
      partitionsBehind(inspector, schema, groups, ends),
    ),
  );
  const mails = await mailsBehind(inspector, ends);
  return [
    ...behind.flat(),
    ...mails,
    ...(await commandsWaiting(inspector)).flat(),
    ...(await outboxWaiting(inspector)),
    ...(await deferredEvents(inspector)),
  ];
}

/** Their owners retry them without a request. */
async function deferredEvents({ rows, store }: Inspector): Promise<readonly string[]> {
  const inDatabase = Object.values(transactionalGroups).map(async ({ schema }) =>
    (
      await rows<{ line: string }>(
        `select concat_ws(' ', group_name, stream) as line from ${schema}.parked_events where retry_at is not null`,
      )
    ).map(({ line }) => line),
  );
  const inRedis = partitionsOf(store).map(async (partition) =>
    (
      await store.redis.zrange(store.keys.group(partition, MAIL_GROUP, 'deferred'), '-inf', '+inf', 'BYSCORE')
    ).map((stream) => `${MAIL_GROUP} ${stream}`),
  );
  const streams = (await Promise.all([...inDatabase, ...inRedis])).flat();
  return streams.map((stream) => `${stream} is deferred`);
}

async function partitionsBehind(
  inspector: Inspector,
  schema: string,
  groups: readonly string[],
  ends: readonly (string | null)[],
): Promise<readonly string[]> {
  const checkpoints = await checkpointsIn(inspector, schema);
  const at = new Map(
    checkpoints.map((checkpoint) => [
      `${checkpoint.group_name}/${checkpoint.partition}`,
      checkpoint.entry_id,
    ]),
  );
  return groups.flatMap((group) =>
    ends.flatMap((end, partition) => {
      const reached = at.get(`${group}/${partition}`) ?? null;
      return reached === end
        ? []
        : [`${group} is at ${reached} of partition ${partition}, which ends at ${end}`];
    }),
  );
}

async function mailsBehind(
  inspector: Inspector,
  ends: readonly (string | null)[],
): Promise<readonly string[]> {
  const { store } = inspector;
  const open: string[] = [];
  for (const [partition, end] of ends.entries()) {
    if (end === null) continue;
    const groups = (await store.redis.xinfo(
      'GROUPS',
      store.keys.log(partition),
    )) as readonly (readonly unknown[])[];
    const found = groups.find((fields) => fields[fields.indexOf('name') + 1] === MAIL_GROUP);
    const delivered = found?.[found.indexOf('last-delivered-id') + 1];
    if (delivered !== end)
      open.push(`mail was delivered ${String(delivered)} of partition ${partition}, of ${end}`);
  }
  const pending = await pendingEntries(inspector, store.keys.log, MAIL_GROUP, null);
  return pending === 0 ? open : [...open, `${pending} events are pending for mail`];
}

async function commandsWaiting({ store }: Inspector): Promise<readonly (readonly string[])[]> {
  return await Promise.all(
    Object.values(commandCategories)
      .flat()
      .map(async (category) => {
        const lengths = await Promise.all(
          partitionsOf(store).map((partition) =>
            store.redis.xlen(store.keys.commandQueue(partition, category)),
          ),
        );
        const waiting = lengths.reduce((sum, length) => sum + length, 0);
        return waiting === 0 ? [] : [`${waiting} commands wait for ${commandGroup(category)}`];
      }),
  );
}

async function outboxWaiting(inspector: Inspector): Promise<readonly string[]> {
  const [row] = await inspector.rows<{ n: number }>(
    'select count(*) as n from billing.outbox where sent_at is null',
  );
  return row === undefined || row.n === 0 ? [] : [`${row.n} commands wait in billing's outbox`];
}
