import { type EventEnvelope, partitionOfPosition } from '@headrace/event-schema';

/** What traces and logs show of a message. */
export interface MessageFacts {
  readonly kind: 'event' | 'command';
  /** Of the event or the command. */
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly partition: number;
  readonly correlationId: string | undefined;
  readonly traceparent: string | undefined;
}

/** Tells operators of a message that is not handled until an operator acts, or, where deferred, only later. */
export interface ParkedReport extends MessageFacts {
  readonly group: string;
  /** As of a dead letter. */
  readonly cause: 'poison' | 'unreadable' | 'deferred';
  readonly error: unknown;
  readonly attempts: number;
}

export function factsOfEvent({ id, type, stream, position, meta }: EventEnvelope): MessageFacts {
  return {
    kind: 'event',
    id,
    type,
    stream,
    partition: partitionOfPosition(position),
    correlationId: textOf(meta.correlationId),
    traceparent: textOf(meta.traceparent),
  };
}

/** Undefined where it is no text: entries written by hand may hold anything. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
