import { Counter } from '@headrace/service-kit';
import { MAIL_EVENT_TYPES } from '../mails/mails.ts';

export type MailOutcome = 'sent' | 'skipped' | 'refused' | 'delayed';

const OUTCOMES: readonly MailOutcome[] = ['sent', 'skipped', 'refused', 'delayed'];

/**
 * Attempts to send a mail, by event type and outcome. `refused`: this mail cannot be sent. `delayed`: the server
 * or the database could not be used, and it is tried again.
 */
export type MailCounter = Counter<'type' | 'outcome'>;

/** Belongs to no registry yet; all its series are there from the start, so that the first failure is a step. */
export function createMailCounter(): MailCounter {
  const counter = new Counter({
    name: 'headrace_emails_total',
    help: 'Attempts to send a mail, by outcome: sent, skipped (no address, or none that can be), refused (for good), delayed (tried again)',
    labelNames: ['type', 'outcome'] as const,
    registers: [],
  });
  for (const type of MAIL_EVENT_TYPES) {
    for (const outcome of OUTCOMES) counter.inc({ type, outcome }, 0);
  }
  return counter;
}
