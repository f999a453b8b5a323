import { Gauge, type HttpApp, within } from '@headrace/service-kit';
import { type Kysely, sql } from 'kysely';
import type { BillingTables } from '../database/tables.ts';

/** A scrape must end, also when PostgreSQL does not answer. */
const QUERY_TIMEOUT_MS = 2_000;

interface Waiting {
  readonly count: number;
  readonly ageSeconds: number;
}

/** Reports the commands that are not sent yet; the series are left out while PostgreSQL is away. */
export function registerOutboxMetrics(app: HttpApp, db: Kysely<BillingTables>): void {
  let reading: Promise<Waiting | undefined> | undefined;
  /** Both gauges of a scrape ask in the same turn of the event loop, and share one query. */
  const read = (): Promise<Waiting | undefined> => {
    reading ??= within(QUERY_TIMEOUT_MS, () => readWaiting(db))
      .catch(() => undefined)
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  addGauge('commands', 'Commands that are not sent yet', ({ count }) => count);
  addGauge('age_seconds', 'Age of the oldest of them, 0 when there is none', ({ ageSeconds }) => ageSeconds);

  function addGauge(what: string, help: string, pick: (waiting: Waiting) => number): void {
    new Gauge({
      name: `headrace_billing_outbox_${what}`,
      help,
      registers: [app.metrics],
      async collect() {
        const waiting = await read();
        if (waiting === undefined) this.remove();
        else this.set(pick(waiting));
      },
    });
  }
}

async function readWaiting(db: Kysely<BillingTables>): Promise<Waiting> {
  return await db
    .selectFrom('outbox')
    .where('sent_at', 'is', null)
    .select((row) => [
      row.fn.countAll<number>().as('count'),
      sql<number>`coalesce(extract(epoch from now() - min(created_at)), 0)::float8`.as('ageSeconds'),
    ])
    .executeTakeFirstOrThrow();
}
