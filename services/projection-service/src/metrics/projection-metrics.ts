import { progressOf, projectionStates } from '@headrace/projections';
import { Gauge, type HttpApp, within } from '@headrace/service-kit';
import { logEntries } from '../progress/log-entries.ts';
import type { RouteDeps } from '../routes/route-deps.ts';

/** A scrape must end, also when PostgreSQL does not answer. */
const TIMEOUT_MS = 2_000;

interface Lag {
  readonly projection: string;
  readonly version: number;
  readonly state: 'active' | 'other';
  readonly events: number;
}

/**
 * Reports how far each version of each projection is behind the log, read from its checkpoints: every
 * instance reports the same, also while no process works on it. The series are left out while Redis or PostgreSQL does
 * not answer.
 */
export function registerProjectionMetrics(app: HttpApp, deps: Pick<RouteDeps, 'store' | 'database'>): void {
  new Gauge({
    name: 'headrace_projection_lag_events',
    help: "Events that a projection's version has not seen yet, over all partitions",
    labelNames: ['projection', 'version', 'state'],
    registers: [app.metrics],
    async collect() {
      const lags = await within(TIMEOUT_MS, () => readLags(deps)).catch(() => []);
      this.reset();
      for (const { projection, version, state, events } of lags)
        this.set({ projection, version: String(version), state }, events);
    },
  });
}

async function readLags({ store, database }: Pick<RouteDeps, 'store' | 'database'>): Promise<readonly Lag[]> {
  // checkpoints first: what comes in between is then behind, never ahead
  const states = await projectionStates(database);
  const versions = states.flatMap(({ name, versions: all }) =>
    all.filter(({ retired }) => !retired).map(({ version, active }) => ({ name, version, active })),
  );
  const handled = await Promise.all(
    versions.map(async (version) => (await progressOf(database, version)).handledEntries),
  );
  const entries = await logEntries(store);
  if (entries === null) return [];
  const total = entries.reduce((sum, count) => sum + count, 0);
  return versions.map(({ name, version, active }, index) => ({
    projection: name,
    version,
    state: active ? 'active' : 'other',
    events: Math.max(0, total - (handled[index] ?? 0)),
  }));
}
