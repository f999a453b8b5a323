import { compareEntryIds, entryIdOf, formatPosition, isPosition } from '@headrace/event-schema';
import { isTracing } from '@headrace/event-store';
import type { Redis } from 'ioredis';
import { type ParkedEntry, type ParkedPlace, placeOf, readDeadLetters } from '../delivery/dead-letters.ts';
import { entryAfter, groupInfo, oldestPending } from '../delivery/redis-group.ts';
import type { Consumer } from '../runtime/consumer.ts';
import { type ConsumerOptions, type ConsumerSettings, completeSettings } from '../runtime/options.ts';
import { ageSeconds, createRuntime, type Mode } from '../runtime/runtime.ts';
import type { ConsumerAdmin, DeadLetterPage, DeadLetterQuery, ResyncAnswer } from '../status.ts';
import { tracedInbox } from '../tracing/spans.ts';
import type { ParkedRecord } from './group-state.ts';
import type { Inbox } from './inbox.ts';
import type { AdminRequest } from './retries.ts';
import { runAcknowledgedSession } from './session.ts';

/** A consumer of an inbox: at least once, nothing acknowledged before its effect, each sequence in order. */
export function createInboxConsumer<Message>(options: ConsumerOptions, inbox: Inbox<Message>): Consumer {
  const settings = completeSettings(options);
  const worked = isTracing() ? tracedInbox(inbox, settings.group) : inbox;
  const mode: Mode = {
    name: 'acknowledged',
    runSession: (context) => runAcknowledgedSession(context, worked),
    lagOf: (redis, { lease }) => lagOf(redis, settings.group, inbox, lease.partition),
  };
  const runtime = createRuntime(settings, mode);
  const admin: ConsumerAdmin = {
    group: settings.group,
    status: runtime.status,
    ...deadLetterAdmin(settings, runtime.redis),
    requestResync: () => Promise.resolve(NOTHING_TO_RESYNC),
  };
  return { admin, start: runtime.start, stop: runtime.stop };
}

const NOTHING_TO_RESYNC: ResyncAnswer = {
  status: 'not-possible',
  why: 'This group keeps its place in the log itself: it goes back with the log, and cannot diverge from it.',
};

type Lag = Awaited<ReturnType<Mode['lagOf']>>;

async function lagOf<Message>(
  redis: Redis,
  group: string,
  inbox: Inbox<Message>,
  partition: number,
): Promise<Lag> {
  const key = inbox.key(partition);
  const info = await groupInfo(redis, key, group);
  if (info === null) return { position: null, lagEvents: await redis.xlen(key), lagSeconds: 0 };
  const pending = info.pending === 0 ? null : await oldestPending(redis, key, group);
  const next = pending ?? (await entryAfter(redis, key, info.lastDeliveredId));
  const done = pending === null ? info.lastDeliveredId : await entryBefore(redis, key, pending);
  return {
    position: done === '0-0' ? null : formatPosition(partition, done),
    // done entries of a queue are deleted, which Redis's own count of the lag does not survive
    lagEvents: inbox.removeWhenDone ? await redis.xlen(key) : (info.lag ?? 0) + info.pending,
    lagSeconds: await ageSeconds(redis, next),
  };
}

/** `0-0` where there is none. */
async function entryBefore(redis: Redis, key: string, entryId: string): Promise<string> {
  const [before] = await redis.xrevrange(key, `(${entryId}`, '-', 'COUNT', 1);
  return before?.[0] ?? '0-0';
}

function deadLetterAdmin(
  { store, group }: ConsumerSettings,
  redis: Redis,
): Pick<ConsumerAdmin, 'deadLetters' | 'requestRetry' | 'requestDiscard'> {
  const keyOf = (partition: number, what: string): string => store.keys.group(partition, group, what);
  const ask = async (partition: number, request: AdminRequest): Promise<void> => {
    await redis.rpush(keyOf(partition, 'requests'), JSON.stringify(request));
  };
  const parkedOf = async (partition: number, stream: string): Promise<ParkedEntry[]> => {
    const records = await redis.lrange(keyOf(partition, `parked:${stream}`), 0, -1);
    return records.map((text) => {
      const { retryAt = null, ...record } = JSON.parse(text) as ParkedRecord;
      return { group, partition, stream, ...record, retryAt };
    });
  };
  const streamsFrom = async (partition: number, place: ParkedPlace | undefined): Promise<string[]> => {
    const streams = (await redis.hkeys(keyOf(partition, 'blocked'))).sort();
    return partition === place?.partition ? streams.filter((stream) => stream >= place.stream) : streams;
  };
  // entries that were written by hand may have streams of one name on several partitions
  const isBehind = (
    { partition: on, stream, entryId }: ParkedEntry,
    place: ParkedPlace | undefined,
  ): boolean =>
    on !== place?.partition || stream !== place.stream || compareEntryIds(entryId, place.entryId) > 0;

  async function* parkedAfter(place: ParkedPlace | undefined): AsyncGenerator<ParkedEntry> {
    for (let partition = place?.partition ?? 0; partition < store.partitions; partition += 1)
      for (const stream of await streamsFrom(partition, place))
        yield* (await parkedOf(partition, stream)).filter((entry) => isBehind(entry, place));
  }

  async function deadLetters({ limit, after }: DeadLetterQuery): Promise<DeadLetterPage> {
    const entries: ParkedEntry[] = [];
    for await (const entry of parkedAfter(after && placeOf(after))) if (entries.push(entry) > limit) break;
    return await readDeadLetters(store, entries, limit);
  }

  return {
    deadLetters,
    requestRetry: async (stream) => {
      const partition = store.keys.partitionOf(stream);
      if ((await redis.hexists(keyOf(partition, 'blocked'), stream)) === 0) return false;
      await ask(partition, { kind: 'retry', stream });
      return true;
    },
    requestDiscard: async (stream, eventId, reason) => {
      if (!isPosition(eventId)) return false;
      const partition = store.keys.partitionOf(stream);
      const parked = await parkedOf(partition, stream);
      if (!parked.some(({ entryId }) => entryId === entryIdOf(eventId))) return false;
      await ask(partition, { kind: 'discard', stream, eventId, reason });
      return true;
    },
  };
}
