import { promisify } from 'node:util';
import openEventstore from 'eventstore';
import type { Contender } from '../harness/compare.ts';
import { keepInFlight } from '../harness/load.ts';
import { EVENT_TYPE, newStream, orderData } from '../harness/payload.ts';
import { newMeta } from './entry.ts';
import { connect } from './redis.ts';

/** To load an aggregate, it scans every key of its database: other contenders' keys would be on its bill. */
const OWN_DATABASE = 1;

/**
 * node-eventstore on Redis: loads the aggregate, which is new, adds an event and commits; it writes the revision first
 * and then the event, with no check in between. The database is empty before each round, since its appends get slower
 * with each key; `total` decides what it is measured at.
 */
export async function nodeEventstoreAppends(
  redisUrl: string,
  inFlight: number,
  total: number,
): Promise<Contender> {
  const { hostname, port } = new URL(redisUrl);
  const store = openEventstore({
    type: 'redis',
    host: hostname,
    port: Number(port || 6379),
    db: OWN_DATABASE,
    prefix: 'eventstore',
  });
  await promisify(store.init.bind(store))();
  const loaded = promisify(store.getEventStream.bind(store));
  const admin = connect(redisUrl);
  await admin.select(OWN_DATABASE);
  const append = async (index: number): Promise<void> => {
    const stream = await loaded({ aggregateId: newStream() });
    stream.addEvent({ type: EVENT_TYPE, data: orderData(index), meta: newMeta() });
    await promisify(stream.commit.bind(stream))();
  };
  return {
    name: 'node-eventstore on Redis',
    run: async () => {
      await admin.flushdb();
      return await keepInFlight(inFlight, total, append);
    },
    close: async () => {
      await promisify(store.store.disconnect.bind(store.store))();
      await admin.flushdb();
      await admin.quit();
    },
  };
}
