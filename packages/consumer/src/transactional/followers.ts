import { runScript } from '@headrace/event-store';
import { scripts } from '../scripts/index.ts';
import { storeCheckpoint, type TransactionalSession } from './session-state.ts';

/** What follows the session a little later, so that it does so less often: the sink's checkpoint and the mirror. */
export interface Followers {
  /** The session has moved on. */
  noteMove(): void;
  /** By `performance.now()`; infinite while nothing is behind. */
  dueAt(): number;
  followWhenDue(): Promise<void>;
}

/** How long the sink's checkpoint may stay behind, after events that nothing is done about. */
const SINK_BEHIND_MS = 100;
/** How long the mirror may; only who looks at Redis goes by it. */
const MIRROR_BEHIND_MS = 500;

export function createFollowers<Tx>(session: TransactionalSession<Tx>): Followers {
  const sink = { behindMs: SINK_BEHIND_MS, dueAt: Number.POSITIVE_INFINITY };
  const mirrored = { behindMs: MIRROR_BEHIND_MS, dueAt: Number.POSITIVE_INFINITY };
  return {
    noteMove: () => {
      const now = performance.now();
      for (const one of [sink, mirrored]) one.dueAt = Math.min(one.dueAt, nextBeat(now, one.behindMs));
    },
    dueAt: () => Math.min(sink.dueAt, mirrored.dueAt),
    followWhenDue: async () => {
      const now = performance.now();
      if (now < Math.min(sink.dueAt, mirrored.dueAt)) return;
      // first: the mirror shows what is stored
      await storeCheckpoint(session);
      sink.dueAt = Number.POSITIVE_INFINITY;
      if (now >= mirrored.dueAt) {
        mirror(session, session.context.onError);
        mirrored.dueAt = Number.POSITIVE_INFINITY;
      }
    },
  };
}

/** All sessions of a process follow at the same moments, so that what they send and hear comes together. */
function nextBeat(now: number, everyMs: number): number {
  return (Math.floor(now / everyMs) + 1) * everyMs;
}

/** The Redis group's cursor is only a mirror: it follows after the commit, and failing to move it changes nothing. */
export function mirror<Tx>(
  { context, checkpoint }: TransactionalSession<Tx>,
  onError: (error: unknown) => void,
): void {
  const { redis, lease, store, group } = context;
  if (checkpoint.entryId === null) return;
  const args = [lease.epoch, group, checkpoint.entryId, checkpoint.handledEntries];
  runScript(redis, scripts.mirror, [lease.key, store.keys.log(lease.partition)], args).catch(onError);
}
