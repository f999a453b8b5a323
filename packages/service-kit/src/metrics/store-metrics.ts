import type { AppendOutcome, AppendStats, EventStore, ServerStatus } from '@headrace/event-store';
import { within } from '@headrace/event-store';
import { Counter, Gauge, type Registry } from 'prom-client';
import { SeriesHistogram } from './series-histogram.ts';

/** A scrape must end, also when Redis does not answer. */
const STATUS_TIMEOUT_MS = 2_000;

/** What the metrics read of a store. */
export type MeasuredStore = Pick<EventStore, 'appendStats' | 'serverStatus'>;

/**
 * Reports what this process appends (`headrace_store_…`) and how the log's server is (`headrace_redis_…`). While the
 * server does not answer, `headrace_redis_up` is 0 and its other series are left out.
 */
export function registerStoreMetrics(registry: Registry, store: MeasuredStore): void {
  reportAppends(registry, () => store.appendStats());
  reportServer(registry, sharedRead(store));
}

function reportAppends(registry: Registry, stats: () => AppendStats): void {
  new Counter({
    name: 'headrace_store_appends_total',
    help: 'Appends by outcome',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      const outcomes = Object.entries(stats().outcomes) as [AppendOutcome, number][];
      for (const [outcome, count] of outcomes) this.inc({ outcome }, count);
    },
  });
  new Counter({
    name: 'headrace_store_events_appended_total',
    help: 'Events appended',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(stats().events);
    },
  });
  new SeriesHistogram(registry, {
    name: 'headrace_store_append_duration_seconds',
    help: 'Time from the call to the declared durability, of appends that stored their events',
    labelNames: [],
    bucketsSeconds: stats().durations.bucketsSeconds,
    series: () => [{ labels: {}, ...stats().durations }],
  });
}

function reportServer(registry: Registry, read: () => Promise<ServerStatus | undefined>): void {
  const gauge = (
    name: string,
    help: string,
    pick: (status: ServerStatus | undefined) => number | undefined,
  ): void => {
    new Gauge({
      name: `headrace_redis_${name}`,
      help,
      registers: [registry],
      async collect() {
        const value = pick(await read());
        if (value === undefined) this.remove();
        else this.set(value);
      },
    });
  };
  gauge('up', "Whether the log's server answers", (status) => (status === undefined ? 0 : 1));
  gauge('memory_used_bytes', 'Memory that Redis uses', (status) => status?.memory?.usedBytes);
  gauge('memory_max_bytes', "Redis's maxmemory, 0 for no limit", (status) => status?.memory?.maxBytes);
  gauge('disk_free_bytes', "Free space where Redis's file is", (status) => status?.disk?.freeBytes);
  gauge('disk_bytes', "All space where Redis's file is", (status) => status?.disk?.totalBytes);
  gauge(
    'clock_lead_seconds',
    "How far the newest event is ahead of Redis's clock; appends are refused at 60",
    (status) => status?.clockLeadSeconds,
  );
}

/** All metrics of one scrape ask in the same turn of the event loop, so they share one run. */
function sharedRead(store: MeasuredStore): () => Promise<ServerStatus | undefined> {
  let running: Promise<ServerStatus | undefined> | undefined;
  return () => {
    running ??= within(STATUS_TIMEOUT_MS, () => store.serverStatus())
      .catch(() => undefined)
      .finally(() => {
        running = undefined;
      });
    return running;
  };
}
