import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { describe } from '../delivery/failures.ts';
import type { SessionContext } from '../delivery/session.ts';
import type { FailureStreak } from '../delivery/streak.ts';
import type { Checkpoint, ParkedEvent, TransactionalSink } from './sink.ts';

/** What a transactional consumer does with events, in the transaction that moves its checkpoint. */
export interface TransactionalHandler<Tx> {
  /** Event types that are handled; absent: all. Others only move the checkpoint. */
  readonly types?: readonly string[];
  /** Handles a batch, in order; runs again with fewer events when it throws. */
  handle(events: readonly EventEnvelope[], tx: Tx): Promise<void>;
}

/** What the owner of a partition knows and holds while it works on it. */
export interface TransactionalSession<Tx> {
  readonly context: SessionContext;
  readonly sink: TransactionalSink<Tx>;
  readonly handler: TransactionalHandler<Tx>;
  readonly blocked: Set<string>;
  readonly streak: FailureStreak;
  checkpoint: Checkpoint;
}

/** The record of an event that cannot be handled now. */
export function parkedEvent(
  context: SessionContext,
  event: EventEnvelope,
  cause: ParkedEvent['cause'],
  error: unknown,
  attempts: number,
): ParkedEvent {
  return {
    stream: event.stream,
    entryId: entryIdOf(event.position),
    cause,
    error: error === null ? null : describe(error),
    attempts,
    instance: context.instance,
  };
}
