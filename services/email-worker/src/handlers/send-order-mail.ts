import { type Delivery, type EventHandler, kindOf } from '@headrace/consumer';
import { definedOnly, type EventEnvelope } from '@headrace/event-schema';
import { storableText } from '@headrace/postgres';
import type { Logger } from '@headrace/service-kit';
import { isMailAddress } from '@headrace/shop';
import type { Mail } from '../mails/mail-of-letter.ts';
import { composeMail, isMailEvent, MAIL_EVENT_TYPES, type MailEvent } from '../mails/mails.ts';
import type { MailCounter, MailOutcome } from '../metrics/mail-metrics.ts';
import type { EmailRecords, MailSubject } from '../records/email-records.ts';
import type { SkipReason } from '../records/emails-table.ts';
import type { Mailer } from '../smtp/mailer.ts';
import { messageIdOf } from '../smtp/message-id.ts';

export interface OrderMailDeps {
  readonly records: EmailRecords;
  readonly mailer: Pick<Mailer, 'send'>;
  /** What Message-IDs end with. */
  readonly domain: string;
  readonly counter: MailCounter;
  readonly logger: Pick<Logger, 'debug' | 'warn'>;
}

/** Answers to mails that the server has accepted and that are not recorded as sent yet, by event id. */
type Accepted = Map<string, string>;

/**
 * One mail for each order event that customers care about. At least once: the record says `sending` before the
 * mail leaves and `sent` after. A second mail is possible only when the server accepted the first and nobody
 * remembers it: the process died or lost its partition before it was recorded, or the connection was lost with
 * the server's answer. The second has the same Message-ID, by which mail systems recognise it.
 */
export function createOrderMailHandler(deps: OrderMailDeps): EventHandler {
  // An entry outlives a failed attempt, so that a lost database does not lead to a second mail. If the partition
  // is lost as well it stays, for when the event comes back; that is rare enough to need no bound.
  const accepted: Accepted = new Map();
  return {
    types: MAIL_EVENT_TYPES,
    handle: async (event, delivery) => {
      if (!isMailEvent(event)) return;
      try {
        const outcome = await deliver(deps, accepted, event, delivery);
        if (outcome !== 'done') note(deps, event, outcome);
      } catch (error) {
        note(deps, event, kindOf(error) === 'poison' ? 'refused' : 'delayed', error);
        throw error;
      }
    },
  };
}

async function deliver(
  deps: OrderMailDeps,
  accepted: Accepted,
  event: EventEnvelope & MailEvent,
  delivery: Delivery,
): Promise<'done' | 'sent' | 'skipped'> {
  const { records } = deps;
  const about = subjectOf(event);
  const { email: recipient } = event.data;
  if (recipient === undefined) return await skip(deps, about, 'no_address');
  if (!isMailAddress(recipient)) return await skip(deps, about, 'bad_address');
  const mail = composeMail(event);
  const messageId = messageIdOf(event.id, deps.domain);
  const begun = await records.begin({ ...about, recipient, subject: mail.subject, messageId });
  if (begun === 'done') return 'done';
  const outgoing = { ...mail, to: recipient, messageId: begun.messageId };
  const response = accepted.get(event.id) ?? (await send(deps, event, outgoing, delivery));
  accepted.set(event.id, response);
  await records.sent(event.id, response);
  accepted.delete(event.id);
  return 'sent';
}

/** An address that is none is as good as no address: nobody could mend it in the log, so nothing is parked for it. */
async function skip(
  { records, logger }: OrderMailDeps,
  about: MailSubject,
  reason: SkipReason,
): Promise<'done' | 'skipped'> {
  if (!(await records.skip(about, reason))) return 'done';
  if (reason === 'bad_address') logger.warn({ eventId: about.eventId }, 'mail not sent: bad address');
  return 'skipped';
}

async function send(
  { records, mailer }: OrderMailDeps,
  event: EventEnvelope,
  mail: Mail & { readonly to: string; readonly messageId: string },
  { signal }: Delivery,
): Promise<string> {
  const { correlationId } = event.meta;
  const references = await records.threadBefore(event.stream, event.version);
  const traced = correlationId === undefined ? {} : { correlationId };
  return await mailer.send({ ...mail, references, ...traced }, signal);
}

function subjectOf(event: EventEnvelope & MailEvent): MailSubject {
  const { id, stream, version, type, data, meta } = event;
  const origin = definedOnly({ correlationId: textOf(meta.correlationId), actor: textOf(meta.actor) });
  return { eventId: id, orderId: data.orderId, stream, version, type, ...origin };
}

/** Meta that was written by hand need not hold what its types say. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? storableText(value) : undefined;
}

/** Never says to whom: addresses are personal data. */
function note(deps: OrderMailDeps, event: EventEnvelope, outcome: MailOutcome, error?: unknown): void {
  deps.counter.inc({ type: event.type, outcome });
  const { id: eventId, stream, type, meta } = event;
  const fields = { eventId, stream, type, correlationId: meta.correlationId };
  if (outcome === 'refused') deps.logger.warn({ ...fields, err: error }, 'mail refused');
  else if (outcome === 'delayed') deps.logger.debug({ ...fields, err: error }, 'mail delayed');
  else deps.logger.debug(fields, `mail ${outcome}`);
}
