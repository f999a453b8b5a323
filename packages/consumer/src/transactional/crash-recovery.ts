import { compareEntryIds, type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { PoisonError } from '../errors.ts';
import type { Checkpoint, Suspect } from './transactional-sink.ts';

/** Where the events end that an earlier owner may have had in hand when it died. */
export interface RecoveryEnd {
  /** Last event that was in the log at the takeover; an earlier owner cannot have died of a later one. */
  readonly entryId: string;
  /** Number of handled entries at which every entry that it may have had in hand is handled. */
  readonly handledEntries: number;
}

/**
 * After an owner that ended without releasing the partition, what it may have had in hand is handled event by event,
 * each noted before it begins, so that another death is attributed to that event alone and not to its neighbours.
 */
export class CrashRecovery {
  readonly #maxCrashes: number;
  #end: RecoveryEnd | null;
  #suspect: Suspect | null;

  /** @param end null: there is nothing to recover, events are handled in batches */
  constructor(maxCrashes: number, end: RecoveryEnd | null, suspect: Suspect | null) {
    this.#maxCrashes = maxCrashes;
    this.#end = end;
    this.#suspect = suspect;
  }

  /** Whether events are handled one by one. */
  get isActive(): boolean {
    return this.#end !== null;
  }

  /** @param next the event after the checkpoint */
  isDoneBefore(next: EventEnvelope, { handledEntries }: Checkpoint): boolean {
    const end = this.#end;
    if (end === null || handledEntries >= end.handledEntries) return true;
    return compareEntryIds(entryIdOf(next.position), end.entryId) > 0;
  }

  end(): void {
    this.#end = null;
  }

  /** How many owners in a row are known to have ended while handling this event alone. */
  crashesOf(entryId: string): number {
    return this.#suspect?.entryId === entryId ? this.#suspect.crashes : 0;
  }

  /** The event is handled or parked. */
  clear(entryId: string | null): void {
    if (this.#suspect?.entryId === entryId) this.#suspect = null;
  }

  /** Why an event must be parked without another attempt, counted once: retries begin anew. Null: it may be tried. */
  takePoison(entryId: string): { readonly error: Error; readonly crashes: number } | null {
    const crashes = this.crashesOf(entryId);
    if (this.#suspect === null || crashes < this.#maxCrashes) return null;
    this.clear(entryId);
    // it does not pass, whatever else has failed or worked
    return { error: new PoisonError(`the process died ${crashes} times while handling this`), crashes };
  }
}
