import { storableText } from '@headrace/postgres';
import { type HttpApp, responses, wholeNumber } from '@headrace/service-kit';
import { orderIdSchema } from '@headrace/shop';
import { z } from 'zod';
import type { EmailRecords } from '../records/email-records.ts';
import { EMAIL_STATUSES, type EmailRow, SKIP_REASONS } from '../records/emails-table.ts';

const emailSchema = z.object({
  eventId: z.string().describe('the event that the mail is about, which is its cause'),
  correlationId: z.string().nullable().describe('of the request behind that event'),
  actor: z.string().nullable().describe('who made it, as stated in X-Actor'),
  orderId: z.string(),
  stream: z.string(),
  version: z.int(),
  type: z.string().describe('type of the event'),
  status: z
    .enum(EMAIL_STATUSES)
    .describe('`sending`: not yet known to be accepted; `skipped`: there was nobody to send it to'),
  skipReason: z
    .enum(SKIP_REASONS)
    .nullable()
    .describe('why it was skipped; `bad_address`: what the event names is not a mail address'),
  recipient: z.string().nullable(),
  subject: z.string().nullable(),
  messageId: z.string().nullable(),
  attempts: z.int(),
  createdAt: z.iso.datetime(),
  sentAt: z.iso.datetime().nullable(),
  smtpResponse: z.string().nullable(),
});

const pageSchema = z.object({
  emails: z.array(emailSchema).readonly(),
  nextCursor: z.string().nullable().describe('for the next page; null on the last one'),
});

/** Checked as in every other service, but for a NUL, which names no order and finds none. */
const orderIdParameter = z
  .string()
  .min(1, { abort: true })
  .max(200, { abort: true })
  .check(({ value, issues }) => {
    if (value.includes('\0')) return;
    const { error } = orderIdSchema.safeParse(value);
    for (const { message } of error?.issues ?? []) issues.push({ code: 'custom', message, input: value });
  })
  .transform(storableText);

const querySchema = z.strictObject({
  orderId: orderIdParameter.optional().describe('only mails of this order'),
  status: z.enum(EMAIL_STATUSES).optional(),
  limit: wholeNumber(1, 500).default(50).describe('mails a page; default 50'),
  cursor: wholeNumber(1, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('`nextCursor` of the page before; leave the other parameters as they were'),
});

/** `GET /emails`: the mail records, newest first. */
export function registerEmailRoutes(app: HttpApp, records: Pick<EmailRecords, 'list'>): void {
  app.get(
    '/emails',
    {
      schema: {
        tags: ['emails'],
        summary: 'What was sent to customers, and what was not',
        querystring: querySchema,
        response: responses({ 200: pageSchema }, 400, 503),
      },
    },
    async ({ query: { orderId, status, limit, cursor } }) => {
      // one more than asked for tells whether there is a next page
      const rows = await records.list({ orderId, status, before: cursor, limit: limit + 1 });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      return {
        emails: page.map(presented),
        nextCursor: rows.length > limit && last !== undefined ? String(last.number) : null,
      };
    },
  );
}

function presented(row: EmailRow): z.infer<typeof emailSchema> {
  return {
    eventId: row.event_id,
    correlationId: row.correlation_id,
    actor: row.actor,
    orderId: row.order_id,
    stream: row.stream,
    version: row.version,
    type: row.type,
    status: row.status,
    skipReason: row.status === 'skipped' ? (row.skip_reason ?? 'no_address') : null,
    recipient: row.recipient,
    subject: row.subject,
    messageId: row.message_id,
    attempts: row.attempts,
    createdAt: row.created_at.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    smtpResponse: row.smtp_response,
  };
}
