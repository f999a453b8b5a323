import type { Database } from '@headrace/postgres';
import type { Generated, Selectable } from 'kysely';

/**
 * `sending`: the server may have the mail or not. `sent`: it has accepted it. `skipped`: the event named no
 * address, or what it named is none, so there was nothing to send.
 */
export const EMAIL_STATUSES = ['sending', 'sent', 'skipped'] as const;
export type EmailStatus = (typeof EMAIL_STATUSES)[number];

/** `bad_address`: one that the log holds from before its doors refused such. */
export const SKIP_REASONS = ['no_address', 'bad_address'] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** One row for each event that asks for a mail. */
export interface EmailsTable {
  /** Primary key: one event, one mail. */
  event_id: string;
  /** Grows with every row; what pages are cut by. */
  number: Generated<number>;
  order_id: string;
  stream: string;
  /** The event's place in its stream. */
  version: number;
  type: string;
  status: EmailStatus;
  /** Null when skipped, as are subject and message id. */
  recipient: string | null;
  subject: string | null;
  /** With angle brackets. Kept, so that a repetition has the same one even if the settings change. */
  message_id: string | null;
  /** How often sending was begun. */
  attempts: number;
  created_at: Generated<Date>;
  sent_at: Date | null;
  /** What the server said when it accepted the mail, without addresses. */
  smtp_response: string | null;
  /** Of the request behind the event, and who stated to have made it. */
  correlation_id: string | null;
  actor: string | null;
  /** Null unless skipped, and for what was skipped before it was kept: `no_address`. */
  skip_reason: SkipReason | null;
}

export interface EmailTables {
  emails: EmailsTable;
}

export type EmailDatabase = Database<EmailTables>;
export type EmailRow = Selectable<EmailsTable>;
