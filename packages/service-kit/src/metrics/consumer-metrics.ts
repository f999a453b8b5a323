import type { ConsumerAdmin, ConsumerStatus, ConsumerTotals, PartitionStatus } from '@headrace/consumer';
import { within } from '@headrace/event-store';
import { Counter, Gauge, type Registry } from 'prom-client';

/** A scrape must end, also when the group's state is in a database that does not answer. */
const STATUS_TIMEOUT_MS = 2000;

type GroupState = { readonly group: string; readonly status: ConsumerStatus | undefined };

const PARTITION_GAUGES: readonly {
  name: string;
  help: string;
  pick: (partition: PartitionStatus) => number;
}[] = [
  { name: 'lag_events', help: 'Events not yet handled, by owned partition', pick: (p) => p.lagEvents },
  { name: 'lag_seconds', help: 'Age of the oldest event not yet handled', pick: (p) => p.lagSeconds },
  { name: 'in_flight', help: 'Events being handled', pick: (p) => p.inFlight },
  {
    name: 'blocked_streams',
    help: 'Streams that wait behind a parked event',
    pick: (p) => p.blockedStreams,
  },
  {
    name: 'deferred_streams',
    help: 'Streams that wait behind a deferred event',
    pick: (p) => p.deferredStreams,
  },
];

const COUNTERS: readonly { name: string; help: string; pick: (totals: ConsumerTotals) => number }[] = [
  { name: 'handled_total', help: 'Events handled', pick: (t) => t.handled },
  { name: 'retried_total', help: 'Attempts after the first', pick: (t) => t.retried },
  { name: 'parked_total', help: 'Events parked as dead letters', pick: (t) => t.parked },
  { name: 'lease_changes_total', help: 'Leases of partitions taken or lost', pick: (t) => t.leaseChanges },
];

/**
 * Reports the consumer groups of this instance as `headrace_consumer_…`, read from `status()` once a scrape. A
 * group that does not answer in time shows as `headrace_consumer_up` 0 and leaves its other series out.
 */
export function registerConsumerMetrics(registry: Registry, admins: readonly ConsumerAdmin[]): void {
  const read = sharedRead(admins);
  addPartitionGauges(registry, read);
  addGroupGauges(registry, read);
  for (const { name, help, pick } of COUNTERS) {
    new Counter({
      name: `headrace_consumer_${name}`,
      help,
      labelNames: ['group'],
      registers: [registry],
      async collect() {
        const states = await read();
        this.reset();
        for (const { group, status } of states) if (status) this.inc({ group }, pick(status.totals));
      },
    });
  }
}

function addPartitionGauges(registry: Registry, read: () => Promise<readonly GroupState[]>): void {
  for (const { name, help, pick } of PARTITION_GAUGES) {
    new Gauge({
      name: `headrace_consumer_${name}`,
      help,
      labelNames: ['group', 'partition'],
      registers: [registry],
      async collect() {
        const states = await read();
        // Partitions move between instances: what this one has lost must vanish from its page.
        this.reset();
        for (const { group, status } of states) {
          for (const owned of status?.partitions ?? []) {
            this.set({ group, partition: owned.partition }, pick(owned));
          }
        }
      },
    });
  }
}

function addGroupGauges(registry: Registry, read: () => Promise<readonly GroupState[]>): void {
  const gauge = (
    name: string,
    help: string,
    extraLabels: readonly string[],
    report: (gauge: Gauge, state: GroupState) => void,
  ) =>
    new Gauge({
      name: `headrace_consumer_${name}`,
      help,
      labelNames: ['group', ...extraLabels],
      registers: [registry],
      async collect() {
        const states = await read();
        this.reset();
        for (const state of states) report(this, state);
      },
    });
  gauge('up', 'Whether the group could be asked for its state', [], (up, { group, status }) => {
    up.set({ group }, status === undefined ? 0 : 1);
  });
  gauge('members', 'Live members of the group', [], (members, { group, status }) => {
    if (status) members.set({ group }, status.members.length);
  });
  gauge('partitions_owned', 'Partitions that this instance owns', [], (owned, { group, status }) => {
    if (status) owned.set({ group }, status.partitions.length);
  });
  gauge('partitions', 'Owned partitions by state', ['state'], (byState, { group, status }) => {
    for (const state of ['starting', 'running', 'idle', 'retrying', 'paused', 'diverged'] as const) {
      if (status) byState.set({ group, state }, status.partitions.filter((p) => p.state === state).length);
    }
  });
}

/** All metrics of one scrape ask in the same turn of the event loop, so they share one run. */
function sharedRead(admins: readonly ConsumerAdmin[]): () => Promise<readonly GroupState[]> {
  let running: Promise<readonly GroupState[]> | undefined;
  return () => {
    running ??= Promise.all(admins.map(stateOf)).finally(() => {
      running = undefined;
    });
    return running;
  };
}

async function stateOf(admin: ConsumerAdmin): Promise<GroupState> {
  try {
    return { group: admin.group, status: await within(STATUS_TIMEOUT_MS, () => admin.status()) };
  } catch {
    return { group: admin.group, status: undefined };
  }
}
