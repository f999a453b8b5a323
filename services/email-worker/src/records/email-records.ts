import { canonicalId } from '@headrace/event-schema';
import { ORDER_CATEGORY } from '@headrace/shop';
import { sql } from 'kysely';
import type { EmailDatabase, EmailRow, EmailStatus, SkipReason } from './emails-table.ts';

/** The event that a mail is about. */
export interface MailSubject {
  readonly eventId: string;
  readonly orderId: string;
  readonly stream: string;
  readonly version: number;
  readonly type: string;
  /** Of the request behind the event, and who stated to have made it. */
  readonly correlationId?: string;
  readonly actor?: string;
}

export interface NewEmail extends MailSubject {
  readonly recipient: string;
  readonly subject: string;
  readonly messageId: string;
}

export interface EmailQuery {
  readonly orderId?: string | undefined;
  readonly status?: EmailStatus | undefined;
  /** Only rows with a smaller `number`. */
  readonly before?: number | undefined;
  readonly limit: number;
}

/** What has been sent, and what is about to be: the memory that keeps a mail from being sent again. */
export interface EmailRecords {
  /**
   * Says that a mail is about to be sent, in one statement: 'done' when it has been sent or skipped before, else
   * the Message-ID to send it with, which is the first attempt's.
   */
  begin(email: NewEmail): Promise<'done' | { readonly messageId: string }>;
  /** The server has accepted the mail. */
  sent(eventId: string, response: string): Promise<void>;
  /** There is nobody to send to. False: that was recorded before. An address that was begun with is forgotten. */
  skip(subject: MailSubject, reason: SkipReason): Promise<boolean>;
  /** Message-IDs of the mails sent about earlier events of a stream, the last ones, oldest first. */
  threadBefore(stream: string, version: number): Promise<readonly string[]>;
  /** Newest first. */
  list(query: EmailQuery): Promise<readonly EmailRow[]>;
}

/** Enough for any mail program to find the thread, and no endless header. */
const LONGEST_THREAD = 20;

export function createEmailRecords({ db }: EmailDatabase): EmailRecords {
  return {
    begin: async (email) => {
      const row = await db
        .insertInto('emails')
        .values({
          ...keyColumns(email),
          status: 'sending',
          recipient: email.recipient,
          subject: email.subject,
          message_id: email.messageId,
          attempts: 1,
        })
        .onConflict((conflict) =>
          conflict
            .column('event_id')
            .doUpdateSet({ attempts: sql<number>`emails.attempts + 1` })
            .where('emails.status', '=', 'sending'),
        )
        .returning('message_id')
        .executeTakeFirst();
      return row === undefined ? 'done' : { messageId: row.message_id ?? email.messageId };
    },
    sent: async (eventId, response) => {
      await db
        .updateTable('emails')
        .set({ status: 'sent', sent_at: sql<Date>`now()`, smtp_response: response })
        .where('event_id', '=', eventId)
        .where('status', '=', 'sending')
        .execute();
    },
    skip: async (subject, reason) => {
      const skipped = { status: 'skipped', skip_reason: reason } as const;
      const rows = await db
        .insertInto('emails')
        .values({ ...keyColumns(subject), ...skipped, attempts: 0 })
        .onConflict((conflict) =>
          conflict
            .column('event_id')
            .doUpdateSet({ ...skipped, recipient: null, subject: null, message_id: null })
            .where('emails.status', '=', 'sending'),
        )
        .returning('event_id')
        .execute();
      return rows.length > 0;
    },
    threadBefore: async (stream, version) => {
      const rows = await db
        .selectFrom('emails')
        .select('message_id')
        .where('stream', '=', stream)
        .where('version', '<', version)
        .where('status', '=', 'sent')
        .orderBy('version', 'desc')
        .limit(LONGEST_THREAD)
        .execute();
      return rows.reverse().flatMap(({ message_id: id }) => (id === null ? [] : [id]));
    },
    list: async ({ orderId, status, before, limit }) => {
      let query = db.selectFrom('emails').selectAll().orderBy('number', 'desc').limit(limit);
      if (orderId !== undefined) query = query.where('order_id', 'in', namesOf(orderId));
      if (status !== undefined) query = query.where('status', '=', status);
      if (before !== undefined) query = query.where('number', '<', before);
      return await query.execute();
    },
  };
}

/** What was written before the doors refused it may hold the name of the stream for an id. */
function namesOf(orderId: string): readonly string[] {
  const name = `${ORDER_CATEGORY}:${orderId}`;
  // `order:order-7` is no name of the order `order-7`, but another order
  return canonicalId(ORDER_CATEGORY, name) === orderId ? [orderId, name] : [orderId];
}

function keyColumns({ eventId, orderId, stream, version, type, correlationId, actor }: MailSubject) {
  const origin = { correlation_id: correlationId ?? null, actor: actor ?? null };
  return { event_id: eventId, order_id: orderId, stream, version, type, ...origin };
}
