import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { type ParkedEvent, type ParkedReason, parkedEvent } from '../dead-letters/parked-event.ts';
import { checkpointAt } from './divergence.ts';
import type { TransactionalSession } from './transactional-session.ts';
import type { Checkpoint } from './transactional-sink.ts';

/** What a page of events comes to. */
export interface PagePlan {
  readonly page: readonly EventEnvelope[];
  readonly handle: readonly EventEnvelope[];
  /** Parked without being handled: what waits behind a parked event, and what cannot be read. */
  readonly park: readonly ParkedEvent[];
  /** Where the checkpoint is after it. */
  readonly to: Checkpoint;
}

type Planned<Tx> = Pick<TransactionalSession<Tx>, 'blocked' | 'checkpoint' | 'context' | 'shared'>;

/** @param page the events after the checkpoint, at least one */
export function planPage<Tx>(session: Planned<Tx>, page: readonly EventEnvelope[]): PagePlan {
  const { blocked, context } = session;
  const { types } = session.shared.handler;
  const handle: EventEnvelope[] = [];
  const park: ParkedEvent[] = [];
  const newlyBlocked = new Set<string>();
  for (const event of page) {
    const { stream, unreadable, position } = event;
    if (types !== undefined && !types.includes(event.type)) continue;
    const place = { stream, entryId: entryIdOf(position) };
    if (blocked.has(stream) || newlyBlocked.has(stream)) {
      park.push(parkedEvent(context, place, { cause: 'blocked', error: null, attempts: 0 }));
    } else if (types !== undefined && unreadable !== undefined) {
      newlyBlocked.add(stream);
      park.push(parkedEvent(context, place, { cause: 'unreadable', error: unreadable, attempts: 0 }));
    } else handle.push(event);
  }
  return { page, handle, park, to: checkpointAfter(session, page) };
}

/** One event that is parked whatever it is. */
export function planParking<Tx>(session: Planned<Tx>, event: EventEnvelope, reason: ParkedReason): PagePlan {
  const place = { stream: event.stream, entryId: entryIdOf(event.position) };
  const page = [event];
  const park = [parkedEvent(session.context, place, reason)];
  return { page, handle: [], park, to: checkpointAfter(session, page) };
}

/** Whether only the checkpoint moves. */
export function isOnlyMove({ handle, park }: PagePlan): boolean {
  return handle.length === 0 && park.length === 0;
}

function checkpointAfter<Tx>({ checkpoint }: Planned<Tx>, page: readonly EventEnvelope[]): Checkpoint {
  const last = page.at(-1);
  if (last === undefined) return checkpoint;
  return { ...checkpointAt(last), handledEntries: checkpoint.handledEntries + page.length };
}
