import type { EventEnvelope } from '@headrace/event-schema';
import type { Stall } from '@headrace/test-kit';
import type { Evidence, MailRecord } from '../evidence/evidence.ts';
import type { Injected } from '../inject/inject.ts';
import { checkHandled } from './handled.ts';
import { eventsOf } from './log.ts';

const mailTypes: ReadonlySet<string> = new Set([
  'OrderPlaced',
  'PaymentReceived',
  'OrderShipped',
  'OrderDelivered',
  'OrderCancelled',
  'OrderRefunded',
]);

/** How much longer than its record says the sending of a mail may take, ms. */
const SLACK_MS = 1_000;

/**
 * Every event with an address led to one mail, in the stream's order; a mail that came twice is the same mail, and
 * as many faults hit its sending as there are copies too many.
 */
export function checkMails(
  evidence: Pick<Evidence, 'log' | 'mailRecords' | 'inbox' | 'injected' | 'stalls'>,
  leaseMs: number,
): readonly string[] {
  const { mailRecords, inbox } = evidence;
  const wanted = eventsOf(evidence).filter(({ type }) => mailTypes.has(type));
  const traces = mailRecords.map(({ event_id: eventId }) => ({ eventId }));
  const records = new Map(mailRecords.map((record) => [record.event_id, record]));
  const copies = Map.groupBy(inbox, ({ messageId }) => messageId);
  const excuses = excusesOf(evidence, leaseMs);
  const known = new Set(wanted.map(({ id }) => messageIdOf(id)));
  return [
    ...checkHandled('mail', wanted, traces, 'once'),
    ...[...copies.keys()].filter((id) => !known.has(id)).map((id) => `a mail ${id} is about no event`),
    ...wanted.flatMap((event) => {
      const record = records.get(event.id);
      if (record === undefined) return [];
      return checkOne(event, record, copies.get(messageIdOf(event.id)) ?? [], excuses);
    }),
  ];
}

function checkOne(
  event: EventEnvelope,
  record: MailRecord,
  received: readonly { readonly to: string }[],
  excuses: readonly Excuse[],
): readonly string[] {
  const { email } = event.data as { readonly email?: string };
  if (email === undefined)
    return record.status === 'skipped' && received.length === 0
      ? []
      : [`${event.id} has no address, and its mail is ${record.status}, received ${received.length} times`];
  if (record.status !== 'sent') return [`the mail about ${event.id} is ${record.status}`];
  if (received.length === 0) return [`the mail about ${event.id} is lost`];
  if (received.some(({ to }) => to !== email)) return [`the mail about ${event.id} went to another address`];
  const excused = excuses
    .filter((excuse) => overlaps(excuse, record))
    .reduce((sum, { copies }) => sum + copies, 0);
  const extra = received.length - 1;
  if (extra <= excused) return [];
  return [
    `the mail about ${event.id} came ${received.length} times, and faults explain ${excused} copies ` +
      `(${record.attempts} attempts from ${record.created_at.toISOString()} to ${record.sent_at?.toISOString()})`,
  ];
}

/** A time in which faults lead to further copies of a mail, and how many copies of each. */
interface Excuse extends Stall {
  readonly copies: number;
}

function excusesOf(
  { injected, stalls }: Pick<Evidence, 'injected' | 'stalls'>,
  leaseMs: number,
): readonly Excuse[] {
  return [
    ...injected
      .filter((fault) => hitsSending(fault, leaseMs))
      .map((fault) => ({ ...fault, copies: copiesBy(fault) })),
    ...stalls.filter((stall) => losesLease(stall, leaseMs)).map((stall) => ({ ...stall, copies: 1 })),
  ];
}

/**
 * An owner gives up its lease after 85 % of its length; the last renewal may be a fifth of the length ago by then, or more
 * on a busy machine.
 */
function losesLease({ from, until }: Stall, leaseMs: number): boolean {
  return until - from >= leaseMs * 0.5;
}

/** A second mail is possible if the sender died, or lost its partition or the server's answer. */
function hitsSending(injected: Injected, leaseMs: number): boolean {
  const { fault } = injected;
  // Without PostgreSQL an accepted mail cannot be recorded, and the partition may get another owner meanwhile.
  if (fault.kind === 'kill-server') return fault.server === 'postgres' || losesLease(injected, leaseMs);
  // Excused by the stall that the watch has seen.
  if (fault.kind === 'stand-still') return false;
  if (!fault.target.startsWith('email-worker')) return false;
  switch (fault.kind) {
    case 'kill':
      return true;
    case 'stop':
      return losesLease(injected, leaseMs);
    case 'cut':
    case 'drop-replies':
      return fault.server === 'smtp';
    case 'stall':
      return fault.server === 'smtp' || (fault.server === 'redis' && losesLease(injected, leaseMs));
    default:
      return false;
  }
}

/** Copies of one mail that a fault can lead to: several lost replies may concern the same mail. */
function copiesBy({ fault, hits }: Injected): number {
  return fault.kind === 'drop-replies' ? hits : 1;
}

function overlaps({ from, until }: Stall, { created_at: begun, sent_at: sent }: MailRecord): boolean {
  const end = sent === null ? Number.POSITIVE_INFINITY : sent.getTime();
  return begun.getTime() - SLACK_MS <= until && from <= end + SLACK_MS;
}

function messageIdOf(eventId: string): string {
  return `${eventId}@headrace.example`;
}
