import type { PaymentTerms } from '@headrace/shop';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { InvoiceLine, InvoiceStatus } from '../domain/invoice.ts';
import type { Account, PostingKind } from '../domain/ledger.ts';

/** Written as ISO 8601, read as Date. */
type Timestamp = ColumnType<Date, string, string>;
type OptionalTimestamp = ColumnType<Date | null, string | null | undefined, string | null>;
/** Written as JSON text: the driver would take an array for a PostgreSQL array. */
type Json<T> = ColumnType<T, string, string>;

/** Amounts are minor units. `status` follows from the other columns and is kept for the indexes. */
export interface InvoicesTable {
  readonly stream: string;
  readonly number: number;
  readonly order_id: string;
  readonly user_id: string;
  readonly payment_terms: PaymentTerms;
  readonly currency: string;
  readonly amount: number;
  readonly paid: number;
  readonly refunded: number;
  readonly status: InvoiceStatus;
  readonly lines: Json<readonly InvoiceLine[]>;
  readonly issued_at: Timestamp;
  readonly due_at: OptionalTimestamp;
  readonly paid_at: OptionalTimestamp;
  readonly voided_at: OptionalTimestamp;
  readonly issued_event_id: string;
  readonly issued_position: string;
  readonly position: string;
  readonly correlation_id: string | null;
  readonly actor: string | null;
  /** When the cancelling of the overdue order was put into the outbox. */
  readonly cancel_requested_at: OptionalTimestamp;
}

export interface PostingsTable {
  readonly number: number;
  readonly event_id: string;
  readonly kind: PostingKind;
  readonly stream: string;
  readonly order_id: string;
  readonly occurred_at: Timestamp;
  readonly posted_at: ColumnType<Date, never, never>;
  readonly entry_count: number;
  readonly correlation_id: string | null;
  readonly actor: string | null;
}

/** One side is zero. */
export interface EntriesTable {
  readonly posting: number;
  readonly line: number;
  readonly account: Account;
  readonly currency: string;
  readonly debit: number;
  readonly credit: number;
}

/** Last number given, by series. */
export interface SeriesTable {
  readonly name: 'invoice' | 'posting';
  readonly last: number;
}

export interface OutboxTable {
  readonly id: GeneratedAlways<number>;
  readonly key: string;
  readonly type: string;
  readonly category: string;
  readonly stream: string;
  readonly data: Json<unknown>;
  readonly meta: Json<Readonly<Record<string, string>>>;
  readonly created_at: Generated<Date>;
  readonly sent_at: Date | null;
  readonly command_id: string | null;
  readonly attempts: Generated<number>;
  readonly next_attempt_at: Date | null;
  readonly last_error: string | null;
}

/** Billing's schema. */
export interface BillingTables {
  readonly invoices: InvoicesTable;
  readonly postings: PostingsTable;
  readonly entries: EntriesTable;
  readonly series: SeriesTable;
  readonly outbox: OutboxTable;
}
