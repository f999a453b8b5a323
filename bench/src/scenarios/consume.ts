import { randomUUID } from 'node:crypto';
import { createEventConsumer } from '@headrace/consumer';
import type { Bench, Scenario } from '../harness/bench.ts';
import { type Contender, compare } from '../harness/compare.ts';
import { timed } from '../harness/load.ts';
import { fillLog, openBenchStore } from '../harness/store.ts';
import { ackEachWorker } from '../peers/ack-each-worker.ts';
import { bareLoop } from '../peers/bare-loop.ts';
import { bullmqJobs } from '../peers/bullmq.ts';

/** One process that takes events, does nothing with them and acknowledges. */
export const consume: Scenario = {
  name: 'consume',
  title: 'consume with a handler that does nothing',
  run: async (bench) => {
    const total = bench.quick ? 10_000 : 50_000;
    const { measured, atLeast } = await compare({
      contenders: [
        await headraceConsumer(bench, total),
        bareLoop(bench.redis.url, total),
        bullmqJobs(bench.redis.url, total / 5),
        ackEachWorker(bench.redis.url, total / 5),
      ],
      rounds: bench.quick ? 1 : 5,
      say: bench.say,
    });
    return {
      rows: [
        {
          title: 'consume, no-op handler, one process',
          unit: 'events/s',
          measured,
          verdicts: [atLeast(0.7, 'bare XREADGROUP loop'), atLeast(6, 'BullMQ')],
          note:
            'Acknowledged mode over 8 partitions: events are parsed and upcast, those of a stream in order, ' +
            'each covered by a lease. Time counts from the first read to the last acknowledgement.',
        },
      ],
    };
  },
};

/** A new group in each round reads the same log from its beginning. */
async function headraceConsumer(bench: Bench, total: number): Promise<Contender> {
  const store = await openBenchStore(bench);
  await fillLog(store, total);
  return {
    name: 'Headrace',
    run: async () => {
      const { promise: allHandled, resolve, reject } = Promise.withResolvers<void>();
      let handled = 0;
      const consumer = createEventConsumer({
        store,
        group: `bench-${randomUUID()}`,
        instance: 'one',
        onError: reject,
        handler: {
          handle: async () => {
            handled += 1;
            if (handled === total) resolve();
          },
        },
      });
      return await timed(total, async () => {
        consumer.start();
        await allHandled;
        // what is in flight is acknowledged
        await consumer.stop();
      });
    },
    close: () => store.close(),
  };
}
