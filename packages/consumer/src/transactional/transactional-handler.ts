import type { EventEnvelope, EventMap, ReadEvent } from '@headrace/event-schema';
import type { Work } from './transactional-sink.ts';

/**
 * What a transactional consumer does with events, in the transaction that moves its checkpoint. A handler of named types
 * gets their contracts' data.
 */
export interface TransactionalHandler<Tx, Events extends EventMap = EventMap, Type extends string = string> {
  /** Event types that are handled; absent: all. Others only move the checkpoint. */
  readonly types?: readonly Type[];
  /**
   * True: a batch may hold events of several partitions, in order within each, because partitions that are ready together
   * share a transaction. Consumers with the same `transactions` share it between groups as well; statements of other
   * groups then run between those of this handler. So do not use savepoints or `set local`, and always lock rows in the
   * same order. Default: false.
   */
  readonly mixesPartitions?: boolean;
  /**
   * False: the same events, handled again, may have other effects, such as the numbers of invoices. The group stops as
   * diverged on a database that has lost what it had handled, until an operator accepts that. Default: true, it goes
   * on from there by itself.
   */
  readonly isRepeatable?: boolean;
  /** Handles a batch, in order; runs again, with as many events or fewer, when the transaction was rolled back. */
  handle(events: readonly ReadEvent<Events, Type>[], tx: Tx): Promise<void>;
  /**
   * Deletes everything that the group has made of the log, so that it can begin anew; for groups whose effects
   * come from the log alone and may be missing meanwhile. Absent: never.
   */
  reset?(tx: Tx): Promise<void>;
}

/** What is done with events in a transaction; undefined: nothing, where there are none. */
export function workOf<Tx>(
  handler: TransactionalHandler<Tx>,
  events: readonly EventEnvelope[],
): Work<Tx> | undefined {
  return events.length === 0 ? undefined : (tx) => handler.handle(events, tx);
}
