import { compareEntryIds, type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import type { SessionContext } from '../delivery/session.ts';
import type { Suspect } from './sink.ts';

/**
 * After an owner that ended without a word: what it may have had in hand is handled event by event, each noted
 * before it begins, so that another death convicts that event alone and not its neighbours.
 */
export interface Care {
  /** Last event that was in the log when care began; nobody can have died of a later one. */
  readonly untilEntryId: string;
  /** Events that the former owner's batch may still have held. */
  left: number;
}

/** Null where the log is empty. */
export async function careFrom({ store, lease, policy }: SessionContext): Promise<Care | null> {
  const [last] = await store.redis.xrevrange(store.keys.log(lease.partition), '+', '-', 'COUNT', 1);
  return last === undefined ? null : { untilEntryId: last[0], left: policy.batchSize };
}

export function isCareOver(care: Care, event: EventEnvelope): boolean {
  return care.left <= 0 || compareEntryIds(entryIdOf(event.position), care.untilEntryId) > 0;
}

/** What an event is to be parked with; null: it may be tried once more. Counts once: retries begin anew. */
export function convict(
  session: { suspect: Suspect | null; readonly context: SessionContext },
  entryId: string,
): { readonly error: Error; readonly crashes: number } | null {
  const { suspect, context } = session;
  if (suspect?.entryId !== entryId || suspect.crashes < context.policy.maxCrashes) return null;
  session.suspect = null;
  const { crashes } = suspect;
  return { error: new Error(`the process died ${crashes} times while handling this`), crashes };
}
