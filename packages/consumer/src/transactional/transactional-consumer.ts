import type { EventMap, ReadableType } from '@headrace/event-schema';
import type { ResyncAnswer } from '../admin/consumer-admin.ts';
import { type DeadLetterStore, deadLetterAdmin } from '../dead-letters/dead-letter-admin.ts';
import { entriesAdded, entryAfter } from '../group/redis-group.ts';
import type { Consumer } from '../runtime/consumer.ts';
import {
  type ConsumerOptions,
  type ConsumerSettings,
  completeSettings,
} from '../runtime/consumer-options.ts';
import { ageSeconds, createRuntime, type Mode } from '../runtime/consumer-runtime.ts';
import { divergenceOf, lossOf } from './divergence.ts';
import { createLogReader, type LogReader } from './log-reader.ts';
import { runTransactionalSession } from './run-transactional-session.ts';
import { SharedTransactions } from './shared-transactions.ts';
import type { TransactionalHandler } from './transactional-handler.ts';
import type { NewSinkRequest, TransactionalSink } from './transactional-sink.ts';

export interface TransactionalConsumerOptions<
  Tx,
  Events extends EventMap = EventMap,
  Type extends string = string,
> extends ConsumerOptions<Events> {
  readonly sink: TransactionalSink<Tx>;
  /** With a registry that lists its types, no other type can be asked for. */
  readonly handler: TransactionalHandler<Tx, Events, Type> & {
    readonly types?: readonly ReadableType<Events>[];
  };
  /** Of the same store, for several groups of one process; the caller closes it when they have stopped. Default: one of its own. */
  readonly reader?: LogReader;
  /** Of the same sink, for several groups of one process. Default: its own. */
  readonly transactions?: SharedTransactions<Tx>;
  /**
   * Called with the entry id of the group's checkpoint on a partition of this instance, null before the first event:
   * when it takes the partition over, and each time that the checkpoint has moved; with `undefined` when the partition
   * is not this instance's any more. It must not throw.
   */
  readonly onStored?: (partition: number, entryId: string | null | undefined) => void;
}

/**
 * A consumer whose effects live in one database: each event's effect and the checkpoint change together, once,
 * in the order of the partition. The checkpoint is the only cursor; the Redis group merely mirrors it.
 */
export function createTransactionalConsumer<
  Tx,
  Events extends EventMap = EventMap,
  const Type extends string = string,
>(options: TransactionalConsumerOptions<Tx, Events, Type>): Consumer {
  const settings = completeSettings(options);
  const { store, group } = settings;
  const { sink, onStored = () => undefined } = options;
  const handler: TransactionalHandler<Tx> = options.handler;
  const reader = options.reader ?? createLogReader(store, settings.onError);
  const transactions = options.transactions ?? new SharedTransactions(sink, settings.policy.batchSize);
  const mode: Mode = {
    name: 'transactional',
    wake: reader.wake,
    runSession: (context) =>
      runTransactionalSession(context, { sink, handler, pages: reader.pages, transactions, onStored }),
    lagOf: async (redis, { lease, progress }) => {
      const key = store.keys.log(lease.partition);
      const { position, handledEntries } = progress;
      const added = await entriesAdded(redis, key);
      const next = await entryAfter(
        redis,
        key,
        position === null ? '0-0' : position.slice(position.indexOf('-') + 1),
      );
      const lagEvents = Math.max(0, added - (handledEntries ?? 0));
      return { position, lagEvents, lagSeconds: await ageSeconds(redis, next) };
    },
  };
  const runtime = createRuntime(settings, mode);
  return {
    start: runtime.start,
    stop: async () => {
      await runtime.stop();
      if (options.reader === undefined) reader.close();
    },
    admin: {
      group,
      status: runtime.status,
      ...deadLetterAdmin(settings, deadLettersIn(settings, sink)),
      requestResync: async ({ partition, how, reason, actor = null }) => {
        const isRepeatable = handler.isRepeatable ?? true;
        const partitions = await divergedPartitions(settings, sink, isRepeatable, partition);
        if (partitions.length === 0) return { status: 'not-diverged' };
        if (how === 'rebuild' && handler.reset === undefined) return NOT_REBUILT;
        // all begin anew together, whoever does it
        const asked = how === 'rebuild' ? partitions.slice(0, 1) : partitions;
        const request: NewSinkRequest = { kind: 'resync', how, reason, actor };
        for (const diverged of asked) await sink.request({ group, partition: diverged }, request);
        return { status: 'requested', partitions };
      },
    },
  };
}

const NOT_REBUILT: ResyncAnswer = {
  status: 'not-possible',
  why: 'This group cannot make its effects anew from the log. Restore its database or the log, or accept what it has.',
};

async function divergedPartitions<Tx>(
  { store, group }: ConsumerSettings,
  sink: TransactionalSink<Tx>,
  isRepeatable: boolean,
  only: number | undefined,
): Promise<number[]> {
  const diverged: number[] = [];
  for (let partition = 0; partition < store.partitions; partition += 1) {
    if (only !== undefined && only !== partition) continue;
    const found = await sink.current({ group, partition });
    if (found === null) continue;
    const { checkpoint } = found;
    const loss =
      (await divergenceOf(store, partition, checkpoint)) ??
      (isRepeatable ? null : await lossOf({ store, group }, partition, checkpoint));
    if (loss !== null) diverged.push(partition);
  }
  return diverged;
}

function deadLettersIn<Tx>({ group }: ConsumerSettings, sink: TransactionalSink<Tx>): DeadLetterStore {
  return {
    parked: (limit, after) => sink.parked(group, limit, after),
    parkedOf: (partition, stream) => sink.parkedOf({ group, partition }, stream),
    totals: () => sink.parkedTotals(group),
    ask: (requests) => sink.requestMany(group, requests),
    requests: (limit, filter) => sink.requestsOf(group, limit, filter),
  };
}
