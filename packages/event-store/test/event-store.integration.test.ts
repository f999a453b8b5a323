import { useRedis } from '@headrace/test-kit';
import { openEventStore } from '../src/index.ts';
import { eventStoreContract } from './contract/event-store.contract.ts';

const redis = useRedis();
let logs = 0;

for (const partitions of [1, 8]) {
  eventStoreContract(`of ${partitions} partitions`, (options) => {
    logs += 1;
    return openEventStore({ redisUrl: redis.url, prefix: `${redis.prefix}-${logs}`, partitions, ...options });
  });
}
