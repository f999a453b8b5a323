import { formatPosition } from '@headrace/event-schema';
import { isTracing, lastEntryId } from '@headrace/event-store';
import type { Redis } from 'ioredis';
import type { ConsumerAdmin, ResyncAnswer } from '../admin/consumer-admin.ts';
import { deadLetterAdmin } from '../dead-letters/dead-letter-admin.ts';
import { entryAfter, groupInfo, oldestPending } from '../group/redis-group.ts';
import type { Consumer } from '../runtime/consumer.ts';
import { type ConsumerOptions, completeSettings } from '../runtime/consumer-options.ts';
import { ageSeconds, createRuntime, type Mode } from '../runtime/consumer-runtime.ts';
import { tracedInbox } from '../tracing/traced-inbox.ts';
import { runAcknowledgedSession } from './acknowledged-session.ts';
import type { Inbox } from './inbox.ts';
import { createParkedLists } from './parked-lists.ts';

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
    ...deadLetterAdmin(settings, createParkedLists(settings, runtime.redis)),
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
  const done = pending === null ? info.lastDeliveredId : ((await lastEntryId(redis, key, pending)) ?? '0-0');
  return {
    position: done === '0-0' ? null : formatPosition(partition, done),
    // done entries of a queue are deleted, which Redis's own count of the lag does not survive
    lagEvents: inbox.removeWhenDone ? await redis.xlen(key) : (info.lag ?? 0) + info.pending,
    lagSeconds: await ageSeconds(redis, next),
  };
}
