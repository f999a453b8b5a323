import { compareEntryIds } from '@headrace/event-schema';
import type { Redis } from 'ioredis';
import type { OperatorRequest } from '../admin/consumer-admin.ts';
import type { DeadLetterStore } from '../dead-letters/dead-letter-admin.ts';
import type { ParkedPlace, StoredParkedEvent } from '../dead-letters/parked-event.ts';
import type { ConsumerSettings } from '../runtime/consumer-options.ts';
import { parseParkedRecord } from './parked-record.ts';
import { aimOf, operatorRequestOf, type StoredRequest, storedRequest } from './stored-request.ts';

/** Reads what is parked of a group in acknowledged mode, and writes requests; only the owners change what is parked. */
export function createParkedLists({ store, group }: ConsumerSettings, redis: Redis): DeadLetterStore {
  const keyOf = (partition: number, what: string): string => store.keys.group(partition, group, what);
  const partitions = Array.from({ length: store.partitions }, (_, partition) => partition);

  const parkedOf = async (partition: number, stream: string): Promise<StoredParkedEvent[]> => {
    const records = await redis.lrange(keyOf(partition, `parked:${stream}`), 0, -1);
    return records.map((record) => {
      const { text: _, ...event } = parseParkedRecord({ group, partition, stream }, record);
      return event;
    });
  };
  const streamsFrom = async (partition: number, place: ParkedPlace | undefined): Promise<string[]> => {
    const streams = (await redis.hkeys(keyOf(partition, 'blocked'))).sort();
    return partition === place?.partition ? streams.filter((stream) => stream >= place.stream) : streams;
  };

  async function* parkedAfter(place: ParkedPlace | undefined): AsyncGenerator<StoredParkedEvent> {
    for (let partition = place?.partition ?? 0; partition < store.partitions; partition += 1)
      for (const stream of await streamsFrom(partition, place))
        yield* (await parkedOf(partition, stream)).filter((entry) => isBehind(entry, place));
  }

  return {
    parkedOf,
    parked: async (limit, after) => {
      const entries: StoredParkedEvent[] = [];
      for await (const entry of parkedAfter(after)) if (entries.push(entry) === limit) break;
      return entries;
    },
    totals: async () => {
      const counts = await Promise.all(
        partitions.map(async (partition) => ({
          events: (await redis.hvals(keyOf(partition, 'blocked'))).map(Number),
          requests: await redis.llen(keyOf(partition, 'requests')),
        })),
      );
      return {
        streams: sum(counts.map(({ events }) => events.length)),
        events: sum(counts.flatMap(({ events }) => events)),
        openRequests: sum(counts.map(({ requests }) => requests)),
      };
    },
    ask: async (requests) => {
      const requestedAt = new Date().toISOString();
      for (const [partition, asked] of Map.groupBy(requests, (request) => request.partition)) {
        const open = await redis.lrange(keyOf(partition, 'requests'), 0, -1);
        const known = new Set(open.map((text) => aimOf(JSON.parse(text) as StoredRequest)));
        const news = asked
          .map((request) => storedRequest(request, requestedAt))
          .filter((request) => !known.has(aimOf(request)));
        if (news.length === 0) continue;
        await redis.rpush(keyOf(partition, 'requests'), ...news.map((request) => JSON.stringify(request)));
      }
    },
    requests: async (limit, { stream, isOpen }) => {
      // for one stream all are looked through
      const most = stream === undefined ? limit : 0;
      const known = await Promise.all(
        partitions.map(async (partition) => {
          const open = isOpen === false ? [] : await redis.lrange(keyOf(partition, 'requests'), -most, -1);
          const finished =
            isOpen === true ? [] : await redis.lrange(keyOf(partition, 'finished'), 0, most - 1);
          const all = [...open.toReversed(), ...finished].map((text) => operatorRequestOf(partition, text));
          return stream === undefined ? all : all.filter((request) => request.stream === stream);
        }),
      );
      return known.flat().sort(newestFirst).slice(0, limit);
    },
  };
}

/** Entries that were written by hand may have streams of one name on several partitions. */
function isBehind(
  { partition, stream, entryId }: StoredParkedEvent,
  place: ParkedPlace | undefined,
): boolean {
  return (
    partition !== place?.partition || stream !== place.stream || compareEntryIds(entryId, place.entryId) > 0
  );
}

/** What is open, then what was done last. */
function newestFirst(a: OperatorRequest, b: OperatorRequest): number {
  if ((a.finishedAt === null) !== (b.finishedAt === null)) return a.finishedAt === null ? -1 : 1;
  const [atA, atB] = [a, b].map(({ finishedAt, requestedAt }) => finishedAt ?? requestedAt ?? '');
  return atA === atB ? 0 : (atB ?? '') < (atA ?? '') ? -1 : 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
