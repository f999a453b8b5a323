import type { EventMap, EventRegistry } from '@headrace/event-schema';
import { append, assertAppendable } from './append/append.ts';
import { appendChecked } from './append/append-checked.ts';
import { AppendMeter } from './append/append-meter.ts';
import { createGroupCommit } from './append/group-commit.ts';
import { underKey } from './claims/under-key.ts';
import { commandStatus, sendCommand } from './commands/command-queue.ts';
import { newCommandId, recordCommand } from './commands/command-record.ts';
import { createAppendConnections } from './connection/append-connections.ts';
import { createReader } from './connection/clients.ts';
import { createLogIdentity } from './connection/log-identity.ts';
import { requireOpen, type StoreContext } from './context.ts';
import type { EventStore } from './event-store.ts';
import { handle } from './handle.ts';
import { createKeys } from './keys.ts';
import { adoptLog, agreeOnLog, requireKnownLog, requireUndisputed } from './log-meta.ts';
import { importEvents } from './maintenance/import-events.ts';
import { rebuildIndex } from './maintenance/rebuild-index.ts';
import { verifyPartition } from './maintenance/verify-partition.ts';
import { load } from './read/load-state.ts';
import { readEvent, readLog, readPartition } from './read/read-log.ts';
import { readStream, streamVersion, versionAt } from './read/read-stream.ts';
import { serverStatus } from './read/server-status.ts';
import { totals } from './read/store-totals.ts';
import { listSnapshots, saveSnapshot } from './snapshots/snapshots.ts';
import { completeSettings, type EventStoreOptions } from './store-settings.ts';
import { StreamQueues } from './stream-queues.ts';

/**
 * A store that connects in the background, so that it can be handed around before Redis is there; `open` it
 * before anything is written, and close it in the end, opened or not.
 * @throws RangeError for an option outside its bounds
 */
export function createEventStore<Events extends EventMap>(
  options: EventStoreOptions<Events>,
): EventStore<Events> {
  const settings = completeSettings(options);
  const closing = new AbortController();
  let opened = false;
  const keys = createKeys(settings.prefix, settings.partitions);
  const identity = createLogIdentity(keys);
  const appends = createAppendConnections(settings, identity);
  const context: StoreContext = {
    settings,
    closing: closing.signal,
    queues: new StreamQueues(),
    checkedStates: new Map(),
    keys,
    registry: settings.registry,
    reader: createReader(settings),
    appends,
    identity,
    groupCommit: createGroupCommit(appends, keys, identity),
    meter: new AppendMeter(),
    isOpen: () => opened,
  };
  const open = async (): Promise<void> => {
    await context.appends.opened();
    await agreeOnLog(context);
    opened = true;
  };
  return storeOn(context, options.registry, open, () => closing.abort());
}

/** `createEventStore` and `open` in one; when opening fails, all connections are closed. */
export async function openEventStore<Events extends EventMap>(
  options: EventStoreOptions<Events>,
): Promise<EventStore<Events>> {
  const store = createEventStore(options);
  try {
    await store.open();
    return store;
  } catch (error) {
    await store.close();
    throw error;
  }
}

function storeOn<Events extends EventMap>(
  context: StoreContext,
  registry: EventRegistry<Events>,
  open: () => Promise<void>,
  announceClose: () => void,
): EventStore<Events> {
  const { reader, appends, keys } = context;
  return {
    partitions: keys.partitions,
    registry,
    keys,
    redis: reader,
    open,
    logId: context.identity.id,
    requireKnownLog: (known) => requireKnownLog(context, known),
    adoptLog: () => adoptLog(context),
    append: (stream, events, options = {}) => append(context, stream, events, options),
    assertAppendable: (stream, events, options = {}) => assertAppendable(context, stream, events, options),
    appendChecked: (stream, events, options = {}) => appendChecked(context, stream, events, options),
    handle: (decider, stream, command, options = {}) => handle(context, decider, stream, command, options),
    load: (fold, stream, options = {}) => load(context, fold, stream, options),
    readStream: (stream, options = {}) => readStream(context, stream, options),
    streamVersion: (stream) => streamVersion(context, stream),
    versionAt: (stream, ms, timeline) => versionAt(context, stream, ms, timeline),
    readLog: (options = {}) => readLog(context, options),
    readPartition: (partition, options = {}) => readPartition(context, partition, options),
    readEvent: (position) => readEvent(context, position),
    saveSnapshot: (stream, snapshot) => saveSnapshot(context, stream, snapshot),
    listSnapshots: (stream) => listSnapshots(context, stream),
    underKey: (request, work) => underKey(context, request, work),
    sendCommand: (command) => sendCommand(context, command),
    newCommandId: (stream, idempotency) => newCommandId(keys, stream, idempotency),
    recordCommand: (record) => recordCommand(context, record),
    commandStatus: (commandId) => commandStatus(context, commandId),
    totals: () => totals(context),
    appendStats: () => context.meter.stats(),
    serverStatus: () => serverStatus(context),
    rebuildIndex: (partition) => rebuildIndex(context, partition),
    verify: (partition) => verifyPartition(context, partition),
    importEvents: (lines, importId) => importEvents(context, lines, importId),
    check: async () => {
      requireOpen(context);
      await appends.recheck();
      await requireUndisputed(context);
    },
    close: async () => {
      announceClose();
      reader.disconnect();
      appends.close();
    },
  };
}
