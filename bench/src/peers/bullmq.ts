import { randomUUID } from 'node:crypto';
import { Queue, Worker } from 'bullmq';
import type { Contender } from '../harness/compare.ts';
import { timed } from '../harness/load.ts';
import { EVENT_TYPE, orderData } from '../harness/payload.ts';

const ADD_AT_ONCE = 1_000;
const CONCURRENCY = 64;

/**
 * The nearest thing to a consumer with a no-op handler on BullMQ: `total` jobs wait in a queue, then one worker with 64
 * of them under way completes and removes them all. Jobs are added in bulk and not timed.
 */
export function bullmqJobs(redisUrl: string, total: number): Contender {
  // a blocking read must not give up, which BullMQ insists on
  const connection = { url: redisUrl, protocol: 2, replyMapping: 'legacy', maxRetriesPerRequest: null };
  return {
    name: 'BullMQ',
    run: async () => {
      const name = `bench-${randomUUID()}`;
      const queue = new Queue(name, { connection });
      const worker = new Worker(name, () => Promise.resolve(), {
        connection,
        autorun: false,
        concurrency: CONCURRENCY,
      });
      try {
        await addJobs(queue, total);
        await worker.waitUntilReady();
        return await timed(total, () => completed(worker, total));
      } finally {
        await worker.close();
        await queue.obliterate({ force: true });
        await queue.close();
      }
    },
  };
}

async function addJobs(queue: Queue, total: number): Promise<void> {
  for (let from = 0; from < total; from += ADD_AT_ONCE) {
    const jobs = Array.from({ length: Math.min(ADD_AT_ONCE, total - from) }, (_, i) => ({
      name: EVENT_TYPE,
      data: orderData(from + i),
      opts: { removeOnComplete: true },
    }));
    await queue.addBulk(jobs);
  }
}

/** Lets the worker run until it has completed `total` jobs. */
function completed(worker: Worker, total: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = total;
    worker.on('completed', () => {
      left -= 1;
      if (left === 0) resolve();
    });
    worker.on('failed', (_, error) => reject(error));
    worker.on('error', reject);
    worker.run().catch(reject);
  });
}
