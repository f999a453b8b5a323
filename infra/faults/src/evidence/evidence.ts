import type { EventEnvelope } from '@headrace/event-schema';
import type { CommandStatus, VerifyReport } from '@headrace/event-store';
import type { Stall } from '@headrace/test-kit';
import type { Injected } from '../inject/inject.ts';
import type { WriteRequest } from '../load/client.ts';
import type { DeclaredId } from '../world/declared.ts';

/** What a run has left when no group has work any more, as plain data: the input of the checks. */
export interface Evidence {
  /** The whole log by partition, each in its order. */
  readonly log: readonly (readonly EventEnvelope[])[];
  readonly verified: readonly VerifyReport[];
  readonly requests: readonly WriteRequest[];
  readonly injected: readonly Injected[];
  /** Stand-stills of the machine, planned or not. */
  readonly stalls: readonly Stall[];
  readonly orders: readonly StreamRow[];
  readonly audit: readonly AuditRow[];
  readonly days: readonly DaysRow[];
  readonly accounts: readonly StreamRow[];
  readonly users: readonly StreamRow[];
  readonly accountDays: readonly AccountDaysRow[];
  /** Rows of the projections that were declared; `stream` is the key. */
  readonly declared: Readonly<Record<DeclaredId, readonly StreamRow[]>>;
  /** What analytics answers to `GET /analytics/summary`. */
  readonly summary: unknown;
  readonly products: readonly ProductRow[];
  readonly books: Books;
  readonly mailRecords: readonly MailRecord[];
  readonly inbox: readonly ReceivedMail[];
  /** Dead letters of every group, one line each. */
  readonly deadLetters: readonly string[];
}

/** A row of a read model with one for each stream, by column. */
export type StreamRow = Readonly<Record<string, unknown>> & { readonly stream: string };

export interface AuditRow {
  readonly position: string;
  readonly event_id: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
}

export interface DaysRow {
  readonly stream: string;
  readonly currency: string;
  readonly placed_on: string;
  readonly paid_on: string | null;
  readonly paid_minor: number;
  readonly shipped_on: string | null;
  readonly delivered_on: string | null;
  readonly cancelled_on: string | null;
  readonly refunds: readonly { readonly day: string; readonly minor: number }[];
}

/** What moved on an account on a day, in minor units. */
export interface AccountDaysRow {
  readonly id: string;
  readonly day: string;
  readonly currency: string;
  readonly deposits_minor: string;
  readonly withdrawals_minor: string;
}

/** What was sold of a product in one currency, over all days and partitions. */
export interface ProductRow {
  readonly product_id: string;
  readonly currency: string;
  readonly units: number;
  readonly orders: number;
  /** Minor units. */
  readonly revenue: number;
}

export interface Books {
  readonly invoices: readonly InvoiceRow[];
  readonly postings: readonly PostingRow[];
  readonly outbox: readonly OutboxRow[];
  /** What billing answers to `GET /ledger/trial-balance`. */
  readonly trialBalance: unknown;
}

export interface InvoiceRow {
  readonly stream: string;
  readonly number: number;
  readonly status: string;
  readonly currency: string;
  readonly amount: number;
  readonly paid: number;
  readonly refunded: number;
}

export interface PostingRow {
  readonly number: number;
  readonly event_id: string;
  readonly kind: string;
  readonly stream: string;
  readonly entries: readonly {
    readonly account: string;
    readonly currency: string;
    readonly debit: number;
    readonly credit: number;
  }[];
}

export interface OutboxRow {
  readonly key: string;
  readonly type: string;
  readonly stream: string;
  readonly command_id: string | null;
  /** What the store says became of it. */
  readonly command: CommandStatus | null;
}

export interface MailRecord {
  readonly event_id: string;
  /** In the order in which they were made. */
  readonly number: number;
  readonly stream: string;
  readonly version: number;
  readonly status: string;
  readonly message_id: string | null;
  readonly attempts: number;
  readonly created_at: Date;
  readonly sent_at: Date | null;
}

export interface ReceivedMail {
  /** Without angle brackets. */
  readonly messageId: string;
  readonly to: string;
}
