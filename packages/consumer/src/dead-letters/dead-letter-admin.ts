import { entryIdOf, isPosition } from '@headrace/event-schema';
import type { Asker, ConsumerAdmin, OperatorRequest, RequestFilter } from '../admin/consumer-admin.ts';
import type { ConsumerSettings } from '../runtime/consumer-options.ts';
import type { DeadLetterFilter, DeadLetterTotals } from './dead-letter.ts';
import { type ParkedPlace, placeOf, type StoredParkedEvent } from './parked-event.ts';
import { readDeadLetters } from './read-dead-letters.ts';

/** What an operator asks of the owner of a partition about a stream. */
export type StreamRequest = Required<Asker> & {
  readonly partition: number;
  readonly stream: string;
} & (
    | { readonly kind: 'retry' }
    | { readonly kind: 'discard'; readonly entryId: string; readonly reason: string }
  );

/** Where a group keeps what is parked, and what operators ask for. */
export interface DeadLetterStore {
  /** By partition, stream, then order in the stream. */
  parked(limit: number, after?: ParkedPlace): Promise<readonly StoredParkedEvent[]>;
  parkedOf(partition: number, stream: string): Promise<readonly StoredParkedEvent[]>;
  totals(): Promise<DeadLetterTotals>;
  ask(requests: readonly StreamRequest[]): Promise<void>;
  requests(limit: number, filter: RequestFilter): Promise<readonly OperatorRequest[]>;
}

type DeadLetterAdmin = Omit<ConsumerAdmin, 'group' | 'status' | 'requestResync'>;

/** Parked events read, and requests written, at once. */
const PAGE = 500;

/** Reads dead letters and takes requests about them, in both modes. */
export function deadLetterAdmin({ store }: ConsumerSettings, kept: DeadLetterStore): DeadLetterAdmin {
  return {
    deadLetters: async ({ limit, after }) =>
      await readDeadLetters(store, await kept.parked(limit + 1, after && placeOf(after)), limit),
    deadLetterTotals: () => kept.totals(),
    requests: (limit, requestFilter = {}) => kept.requests(limit, requestFilter),
    requestRetry: async (stream, { actor = '' } = {}) => {
      const partition = store.keys.partitionOf(stream);
      if ((await kept.parkedOf(partition, stream)).length === 0) return false;
      await kept.ask([{ kind: 'retry', partition, stream, actor }]);
      return true;
    },
    requestDiscard: async (stream, eventId, reason, { actor = '' } = {}) => {
      if (!isPosition(eventId)) return false;
      const partition = store.keys.partitionOf(stream);
      const entryId = entryIdOf(eventId);
      const parked = await kept.parkedOf(partition, stream);
      if (!parked.some((entry) => entry.entryId === entryId)) return false;
      await kept.ask([{ kind: 'discard', partition, stream, entryId, reason, actor }]);
      return true;
    },
    requestRetries: async (filter, { actor = '' } = {}) => {
      let streams = 0;
      let last: string | undefined;
      for await (const page of matching(kept, filter)) {
        const requests: StreamRequest[] = [];
        for (const { partition, stream } of page) {
          // a stream's events follow each other
          if (last === `${partition} ${stream}`) continue;
          last = `${partition} ${stream}`;
          requests.push({ kind: 'retry', partition, stream, actor });
        }
        streams += requests.length;
        await kept.ask(requests);
      }
      return streams;
    },
    requestDiscards: async (filter, reason, { actor = '' } = {}) => {
      let events = 0;
      for await (const page of matching(kept, filter)) {
        events += page.length;
        await kept.ask(
          page.map(({ partition, stream, entryId }) => ({
            ...{ kind: 'discard', partition, stream, entryId, reason, actor },
          })),
        );
      }
      return events;
    },
  };
}

/** The selected events, in order, page by page; a page may be empty. */
async function* matching(
  kept: DeadLetterStore,
  { cause, error = '' }: DeadLetterFilter,
): AsyncGenerator<readonly StoredParkedEvent[]> {
  let last: StoredParkedEvent | undefined;
  do {
    const page = await kept.parked(PAGE, last);
    last = page.length < PAGE ? undefined : page.at(-1);
    yield page.filter(
      (entry) => (cause === undefined || entry.cause === cause) && (entry.error ?? '').includes(error),
    );
  } while (last !== undefined);
}
