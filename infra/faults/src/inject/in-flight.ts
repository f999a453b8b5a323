import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../load/requests.ts';
import {
  checkpointsIn,
  commandCategories,
  commandGroup,
  isApi,
  logEnds,
  MAIL_GROUP,
  pendingEntries,
  transactionalGroups,
} from '../world/groups.ts';
import type { Inspector } from '../world/inspector.ts';
import type { Instance } from '../world/instance.ts';

/** How much an instance has in hand at this moment: requests, events read and not done with, commands. */
export async function inFlightOf(
  inspector: Inspector,
  client: Pick<Client, 'inFlight'>,
  { id, service, url }: Pick<Instance, 'id' | 'service' | 'url'>,
): Promise<number> {
  const { store } = inspector;
  if (isApi(service)) {
    const commands = commandCategories[service].map((category) => commandsInHand(inspector, category, id));
    return (await Promise.all(commands)).reduce((sum, count) => sum + count, client.inFlight(url));
  }
  switch (service) {
    case 'email-worker':
      return await pendingEntries(inspector, store.keys.log, MAIL_GROUP, id).catch(() => 0);
    case 'projection-service':
    case 'analytics-worker':
    case 'billing-worker':
      return await partitionsBehind(inspector, transactionalGroups[service].schema, id).catch(() => 0);
    default:
      return 0;
  }
}

async function commandsInHand(inspector: Inspector, category: string, id: string): Promise<number> {
  const queue = (partition: number): string => inspector.store.keys.commandQueue(partition, category);
  return await pendingEntries(inspector, queue, commandGroup(category), id).catch(() => 0);
}

/** Partitions of an owner whose last events are not committed. */
async function partitionsBehind(inspector: Inspector, schema: string, owner: string): Promise<number> {
  const [ends, checkpoints] = await Promise.all([logEnds(inspector), checkpointsIn(inspector, schema)]);
  const behind = checkpoints.filter((one) => one.owner === owner && one.entry_id !== ends[one.partition]);
  return behind.length;
}

const AIM_MS = 500;

/** Waits a little for a moment in which there is something to hit. */
export async function aim(probe: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + AIM_MS;
  for (;;) {
    const found = await probe();
    if (found > 0 || performance.now() > deadline) return found;
    await sleep(2);
  }
}
