import { createDatabase, type Database } from '@headrace/postgres';
import { ledger } from './migrations/0001-ledger.ts';
import { invoices } from './migrations/0002-invoices.ts';
import { origins } from './migrations/0003-origins.ts';
import { idsOfStreams } from './migrations/0004-ids-of-streams.ts';
import type { BillingTables } from './tables.ts';

export interface BillingDatabaseOptions {
  readonly url: string;
  readonly maxConnections?: number;
  readonly onError?: (error: unknown) => void;
}

export type BillingDatabase = Database<BillingTables>;

/** Billing's schema, `billing`. Connects when it is first used; whoever creates it closes it. */
export function createBillingDatabase(options: BillingDatabaseOptions): BillingDatabase {
  return createDatabase<BillingTables>({
    ...options,
    schema: 'billing',
    migrations: {
      '0001_ledger': ledger,
      '0002_invoices': invoices,
      '0003_origins': origins,
      '0004_ids_of_streams': idsOfStreams,
    },
  });
}
