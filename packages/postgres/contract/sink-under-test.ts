import type { Checkpoint, FencedError, ParkedEvent, TransactionalSink } from '@headrace/consumer';
import { expect } from 'vitest';

/** A sink to be tested, and an effect in its database to see what of a transaction is left. */
export interface SinkUnderTest<Tx> {
  readonly sink: TransactionalSink<Tx>;
  /** Notes something in the transaction. */
  note(tx: Tx, what: string): Promise<void>;
  /** Everything noted so far, in no order. */
  notes(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What a sink that is asked by the wrong owner throws. */
export const fenced: unknown = expect.objectContaining({ code: 'FENCED' } satisfies Partial<FencedError>);

/** The checkpoint after `n` events of a made-up log. */
export function at(n: number): Checkpoint {
  return { entryId: `${n}-0`, stream: `s:${n}`, version: n, handledEntries: n };
}

export function parked(stream: string, entryId: string, change: Partial<ParkedEvent> = {}): ParkedEvent {
  return {
    stream,
    entryId,
    cause: 'poison',
    error: 'Error: no',
    stack: null,
    attempts: 3,
    instance: 'a',
    retryAt: null,
    ...change,
  };
}
