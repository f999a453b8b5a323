import { FencedError, type Step, type Takeover, type TransactionalSink } from '@headrace/consumer';
import type { Transaction } from 'kysely';
import type { Database } from '../database/database.ts';
import { beginningAnew } from './begin-anew.ts';
import { lockCheckpoint, moveCheckpoint, takeCheckpointOver } from './checkpoints.ts';
import { blockedStreams, failedAgain, park, parkedIn, parkedOf, unpark } from './parked-events.ts';
import { addRequest, finishRequest, openRequests } from './requests.ts';

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
        // a statement of its own: the one before may have waited for the owner before, who was parking something,
        // and would not see it
        return { ...taken, blocked: await blockedStreams(tx, claim) };
      }),
    transact: (step, work) => beginningAnew(() => db.transaction().execute((tx) => transact(tx, step, work))),
    parkedOf: (of, stream) => parkedOf(db, of, stream),
    parked: (group, limit) => parkedIn(db, group, limit),
    requests: (of) => openRequests(db, of),
    request: (of, request) => addRequest(db, of, request),
  };
}

async function transact<Tables>(
  tx: Transaction<Tables>,
  step: Step,
  work: ((tx: Transaction<Tables>) => Promise<void>) | undefined,
): Promise<void> {
  await lockCheckpoint(tx, step);
  if (step.unpark !== undefined) {
    const removed = await unpark(tx, step, step.unpark);
    // its effect is there already: the commit's answer was lost
    if (!removed && work !== undefined) throw new FencedError('handling a parked event');
  }
  if (work !== undefined) await work(tx);
  if (step.park !== undefined && step.park.length > 0) await park(tx, step, step.park);
  if (step.failedAgain !== undefined) await failedAgain(tx, step, step.failedAgain);
  if (step.finishedRequest !== undefined) await finishRequest(tx, step.finishedRequest);
  if (step.to !== undefined) await moveCheckpoint(tx, step, step.to);
}
