import { compareEntryIds, type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { lastEntryId } from '@headrace/event-store';
import { PoisonError } from '../delivery/failures.ts';
import type { SessionContext } from '../delivery/session.ts';
import type { Checkpoint, Suspect } from './sink.ts';

/**
 * After an owner that ended without a word: what it may have had in hand is handled event by event, each noted
 * before it begins, so that another death convicts that event alone and not its neighbours.
 */
export interface Care {
  /** Last event that was in the log at the takeover; nobody can have died of a later one. */
  readonly untilEntryId: string;
  /** How many entries are handled when all are that an owner before may have had in hand. */
  readonly untilHandled: number;
}

export async function careUntil(untilHandled: number, { store, lease }: SessionContext): Promise<Care> {
  const last = await lastEntryId(store.redis, store.keys.log(lease.partition));
  return { untilEntryId: last ?? '0-0', untilHandled };
}

/** @param next the event after the checkpoint */
export function isCareOver(care: Care, { handledEntries }: Checkpoint, next: EventEnvelope): boolean {
  return (
    handledEntries >= care.untilHandled || compareEntryIds(entryIdOf(next.position), care.untilEntryId) > 0
  );
}

type Suspecting = { suspect: Suspect | null };

/** How many owners are known to have ended while handling this alone. */
export function crashesOf({ suspect }: Suspecting, entryId: string): number {
  return suspect?.entryId === entryId ? suspect.crashes : 0;
}

/** It is done with. */
export function acquit(session: Suspecting, entryId: string | null): void {
  if (session.suspect?.entryId === entryId) session.suspect = null;
}

/** What an event is to be parked with; null: it may be tried once more. Counts once: retries begin anew. */
export function convict(
  session: Suspecting & { readonly context: SessionContext },
  entryId: string,
): { readonly error: Error; readonly crashes: number } | null {
  const { suspect, context } = session;
  if (suspect?.entryId !== entryId || suspect.crashes < context.policy.maxCrashes) return null;
  session.suspect = null;
  const { crashes } = suspect;
  // nothing that may pass, whatever else has failed or worked
  return { error: new PoisonError(`the process died ${crashes} times while handling this`), crashes };
}
