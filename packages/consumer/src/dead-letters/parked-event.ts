import { entryIdOf, partitionOfPosition } from '@headrace/event-schema';
import { whyParked } from '../delivery/failure-kind.ts';
import type { MessageFacts } from '../delivery/message-facts.ts';
import type { SessionContext } from '../delivery/session-context.ts';
import type { DeadLetter, DeadLetterQuery } from './dead-letter.ts';

/** What is recorded of an event that cannot be handled now, in both modes. */
export interface ParkedEvent
  extends Pick<DeadLetter, 'stream' | 'cause' | 'error' | 'stack' | 'attempts' | 'instance' | 'retryAt'> {
  readonly entryId: string;
}

/** The same as a group keeps it. `parkedAt` stays when the event fails again. */
export interface StoredParkedEvent
  extends ParkedEvent,
    Pick<DeadLetter, 'group' | 'partition' | 'parkedAt'> {}

/** Where a parked event stands among the others of its group. */
export type ParkedPlace = Pick<StoredParkedEvent, 'partition' | 'stream' | 'entryId'>;

/** @param after with the position of an event */
export function placeOf(after: NonNullable<DeadLetterQuery['after']>): ParkedPlace {
  const { stream, eventId } = after;
  return { partition: partitionOfPosition(eventId), stream, entryId: entryIdOf(eventId) };
}

/** Why an event is parked; `error` is null for what only waits behind another. */
export interface ParkedReason {
  readonly cause: ParkedEvent['cause'];
  readonly error: unknown;
  readonly attempts: number;
}

export function parkedEvent(
  { instance, policy }: Pick<SessionContext, 'instance' | 'policy'>,
  { stream, entryId }: Pick<ParkedEvent, 'stream' | 'entryId'>,
  { cause, error, attempts }: ParkedReason,
): ParkedEvent {
  const retryAt = cause === 'deferred' ? new Date(Date.now() + policy.deferMs).toISOString() : null;
  return { stream, entryId, cause, ...whyParked(error), attempts, instance, retryAt };
}

/** Counts what is parked, except deferred events, and tells `onParked`, except of what waits behind another event. */
export function reportParked(
  { group, totals, onParked }: SessionContext,
  facts: MessageFacts,
  { cause, error, attempts }: ParkedReason,
): void {
  if (cause !== 'deferred') totals.parked += 1;
  if (cause !== 'blocked') onParked({ ...facts, group, cause, error, attempts });
}
