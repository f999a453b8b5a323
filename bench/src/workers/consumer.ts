import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEventConsumer } from '@headrace/consumer';
import { createRegistry } from '@headrace/event-schema';
import { openEventStore } from '@headrace/event-store';

const {
  REDIS_URL = '',
  GROUP = 'bench',
  INSTANCE_ID = `bench-${process.pid}`,
  HANDLER_MS = '0',
} = process.env;
const handlerMs = Number(HANDLER_MS);

const opened = once(process, 'message');
let isOpen = false;
opened.then(() => {
  isOpen = true;
});

const store = await openEventStore({ redisUrl: REDIS_URL, registry: createRegistry([]) });
const consumer = createEventConsumer({
  store,
  group: GROUP,
  instance: INSTANCE_ID,
  // Several instances balance within a second; the measurement does not depend on it.
  leaseMs: 3_000,
  onError: (error) => console.error(error),
  handler: {
    // Every event waits for a message of the bench, so that the log is full when the time begins.
    handle: async () => {
      if (!isOpen) await opened;
      if (handlerMs > 0) await sleep(handlerMs);
    },
  },
});
consumer.start();
await Promise.race([once(process, 'SIGTERM'), once(process, 'disconnect')]);
await consumer.stop();
await store.close();
// An open channel to the parent would keep the process alive.
if (process.connected) process.disconnect();
