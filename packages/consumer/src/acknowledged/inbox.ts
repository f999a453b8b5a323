import type { MessageFacts } from '../delivery/message-facts.ts';
import { FencedError } from '../errors.ts';
import type { Lease } from '../group/lease.ts';

/** What an acknowledged consumer reads: the log's events, or durable commands. */
export interface Inbox<Message> {
  /** Key of the Redis stream of a partition. */
  key(partition: number): string;
  /** Must not throw: what cannot be decoded becomes a message that says so. */
  decode(partition: number, entryId: string, fields: readonly string[]): Message;
  /** Messages of one sequence are handled in order, one at a time. */
  sequenceOf(message: Message): string;
  /** False: acknowledged without being handled. */
  wants(message: Message): boolean;
  /** Why a wanted message must be parked without being handled; undefined: it can be handled. */
  unreadable(message: Message): string | undefined;
  handle(message: Message, delivery: Delivery): Promise<void>;
  factsOf(message: Message): MessageFacts;
  /**
   * Called for a message that cannot be handled, in place of parking it; the message is acknowledged afterwards.
   * Absent: the message is parked and blocks its sequence.
   */
  readonly reject?: (message: Message, error: unknown) => Promise<void>;
  /** Whether entries are deleted once they are acknowledged: true for queues, false for the log. */
  readonly removeWhenDone: boolean;
}

/** Facts about a delivery, for handlers. */
export interface Delivery {
  /** Aborted when the lease is lost: stop, and change nothing any more. */
  readonly signal: AbortSignal;
  /** True when an earlier delivery may have had its effect already. */
  readonly redelivered: boolean;
}

/** @throws FencedError: waiting at the gate may have outlasted the lease */
export async function handleUnderLease<Message>(
  lease: Lease,
  inbox: Inbox<Message>,
  message: Message,
  redelivered: boolean,
): Promise<void> {
  if (lease.lost.aborted) throw new FencedError('handling');
  await inbox.handle(message, { signal: lease.lost, redelivered });
}
