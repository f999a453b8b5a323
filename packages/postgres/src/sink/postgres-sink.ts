import { FencedError, type Step, type Takeover, type TransactionalSink, type Work } from '@headrace/consumer';
import type { Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import { pipelined } from '../database/pipelined.ts';
import { beginningAnew } from './begin-anew.ts';
import {
  beginAlone,
  currentCheckpoint,
  endAlone,
  endCare,
  lockAllCheckpoints,
  lockCheckpoint,
  moveCheckpoint,
  moveCheckpoints,
  putAllBack,
  releaseCheckpoint,
  takeCheckpointOver,
} from './checkpoints.ts';
import {
  failedAgain,
  heldStreams,
  park,
  parkedIn,
  parkedOf,
  totalsOf,
  unpark,
  unparkAll,
} from './parked-events.ts';
import { addRequests, finishAllRequests, finishRequest, openRequests, requestsOf } from './requests.ts';

/**
 * Keeps a transactional consumer's checkpoints, dead letters and requests in the schema of its effects. Handlers
 * get the transaction; what they do in it takes effect with the checkpoint, or not at all. The caller closes the
 * database.
 */
export function createPostgresSink<Tables>(
  database: Database<Tables>,
): TransactionalSink<Transaction<Tables>> {
  const { db } = database;
  return {
    takeOver: (claim) =>
      db.transaction().execute(async (tx): Promise<Takeover> => {
        const taken = await takeCheckpointOver(tx, claim);
        if (taken.status === 'outdated') return taken;
        // a statement of its own: the one before may have waited for an earlier owner that was parking an event, and
        // does not see that event
        return { ...taken, ...(await heldStreams(tx, claim)) };
      }),
    release: (owner) => releaseCheckpoint(db, owner),
    endCare: (owner) => endCare(db, owner),
    begin: (owner, entryId, crashes = 0) => beginAlone(db, owner, entryId, crashes),
    current: (place) => currentCheckpoint(db, place),
    startOver: (step, outcome, work) =>
      db.transaction().execute(async (tx) => {
        await lockAllCheckpoints(tx, step.group);
        await lockCheckpoint(tx, step);
        await work(tx);
        await unparkAll(tx, step.group);
        await finishAllRequests(tx, step.group, outcome);
        await putAllBack(tx, step.group);
      }),
    transact: (step, work) =>
      work === undefined && step.to !== undefined && isOnlyMove(step)
        ? moveCheckpoint(db, step, step.to)
        : beginningAnew(() => db.transaction().execute((tx) => transact(tx, step, work))),
    moveAll: (moves, works = []) =>
      works.length === 0
        ? moveCheckpoints(db, moves)
        : beginningAnew(() =>
            db.transaction().execute(async (tx) => {
              const moved = moveCheckpoints(await pipelined(tx), moves);
              await allEnded([moved, ...works.map(async (work) => await work(tx))]);
            }),
          ),
    parkedOf: (place, stream) => parkedOf(db, place, stream),
    parked: (group, limit, after) => parkedIn(db, group, limit, after),
    parkedTotals: (group) => totalsOf(db, group),
    requests: (place) => openRequests(db, place),
    request: ({ group, partition }, request) => addRequests(db, group, [{ ...request, partition }]),
    requestMany: (group, requests) => addRequests(db, group, requests),
    requestsOf: (group, limit, filter = {}) => requestsOf(db, group, limit, filter),
  };
}

/**
 * Waits until every part has ended: a statement that is sent after the rollback would be a transaction by itself.
 * @throws the first failure
 */
async function allEnded(works: readonly Promise<void>[]): Promise<void> {
  try {
    await Promise.all(works);
  } finally {
    await Promise.allSettled(works);
  }
}

/** One statement is a transaction by itself. */
function isOnlyMove({ park = [], unpark, failedAgain, finishedRequest }: Step): boolean {
  return park.length === 0 && (unpark ?? failedAgain ?? finishedRequest) === undefined;
}

async function transact<Tables>(
  tx: Transaction<Tables>,
  step: Step,
  work: Work<Transaction<Tables>> | undefined,
): Promise<void> {
  if (step.to === undefined) await lockCheckpoint(tx, step);
  else await moveCheckpoint(tx, step, step.to);
  await takeOut(tx, step, work !== undefined);
  if (work !== undefined) await work(tx);
  if (step.park !== undefined && step.park.length > 0) await park(tx, step, step.park);
  // it is handled already, and the commit's answer was lost: nothing may wait behind it
  if (step.failedAgain !== undefined && !(await failedAgain(tx, step, step.failedAgain)))
    throw new FencedError('noting a failure');
  if (step.finishedRequest !== undefined) await finishRequest(tx, step.finishedRequest, step.outcome ?? null);
  if (step.to === undefined && step.failedAgain !== undefined) await endAlone(tx, step);
}

async function takeOut<Tables>(tx: Transaction<Tables>, step: Step, handled: boolean): Promise<void> {
  if (step.unpark === undefined) return;
  const removed = await unpark(tx, step, step.unpark);
  // its effect is there already: the commit's answer was lost
  if (!removed && handled) throw new FencedError('handling a parked event');
  await endAlone(tx, step);
}
