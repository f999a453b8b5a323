import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../load/client.ts';
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

/** How much work an instance has begun and not finished: requests, events, commands. */
export async function inFlightOf(
  inspector: Inspector,
  client: Pick<Client, 'inFlight'>,
  { id, service, url }: Pick<Instance, 'id' | 'service' | 'url'>,
): Promise<number> {
  const { store } = inspector;
  if (isApi(service)) {
    const commands = commandCategories[service].map((category) => commandsInFlight(inspector, category, id));
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

async function commandsInFlight(inspector: Inspector, category: string, id: string): Promise<number> {
  const queue = (partition: number): string => inspector.store.keys.commandQueue(partition, category);
  return await pendingEntries(inspector, queue, commandGroup(category), id).catch(() => 0);
}

/** Partitions of an owner whose last events are not committed. */
async function partitionsBehind(inspector: Inspector, schema: string, owner: string): Promise<number> {
  const [ends, checkpoints] = await Promise.all([logEnds(inspector), checkpointsIn(inspector, schema)]);
  const behind = checkpoints.filter(
    (checkpoint) => checkpoint.owner === owner && checkpoint.entry_id !== ends[checkpoint.partition],
  );
  return behind.length;
}

const WAIT_MS = 500;

/** Waits up to 0.5 s until there is work in flight, and returns how much there is. */
export async function waitForWork(probe: () => Promise<number>): Promise<number> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const found = await probe();
    if (found > 0 || performance.now() > deadline) return found;
    await sleep(2);
  }
}
