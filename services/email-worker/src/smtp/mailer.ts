import { createTransport, type SendMailOptions } from 'nodemailer';
import type { Mail } from '../mails/mail-of-letter.ts';
import { oneLine } from '../mails/plain-text.ts';
import type { Sender } from './sender.ts';
import { smtpFailureOf, withoutAddresses } from './smtp-failures.ts';

export interface MailerOptions {
  /** `smtp://` (STARTTLS where offered) or `smtps://`, with user and password where the server asks for them. */
  readonly url: string;
  readonly sender: Sender;
  /** Connections to the server at most; further mails wait for one. */
  readonly maxConnections: number;
  /** Longest silence of the server before a connection is given up, ms. */
  readonly timeoutMs: number;
}

/** One mail to one recipient. */
export interface OutgoingMail extends Mail {
  readonly to: string;
  /** With angle brackets. */
  readonly messageId: string;
  /** Message-IDs of earlier mails in the same thread, oldest first. */
  readonly references: readonly string[];
  readonly correlationId?: string;
}

/** Hands mails to an SMTP server over pooled connections. */
export interface Mailer {
  /**
   * Resolves with the server's answer once it has accepted the mail; an abort drops the connection in the middle.
   * After a rejection the server may have accepted the mail all the same, when its answer was lost.
   * @throws MailRefusedError, TransientError
   */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<string>;
  /** Resolves when the server takes mails; for readiness checks. Asks it no more than every few seconds. */
  check(): Promise<void>;
  /** Drops all connections; what is being sent fails. */
  close(): void;
}

const CONNECT_TIMEOUT_MS = 10_000;
/** So many silences of the server in a row cannot be: against one that trickles its answers. */
const SILENCES_PER_MAIL = 4;
/** A server that took a mail so recently is there. */
const FRESH_MS = 10_000;
const MAX_RESPONSE_CHARACTERS = 500;
/** What a correlation id may hold to become a header. */
const HEADER_VALUE = /^[\x21-\x7e]{1,128}$/;

/** Connects when the first mail is sent. Whoever creates it closes it. */
export function createMailer(options: MailerOptions): Mailer {
  const { sender, timeoutMs } = options;
  const transport = createTransport({
    url: options.url,
    pool: true,
    maxConnections: options.maxConnections,
    // only mails of which no byte has left are requeued: their pooled connection had been closed by the server
    maxRequeues: 1,
    connectionTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    greetingTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    dnsTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  let provenAt = Number.NEGATIVE_INFINITY;
  let verifying: Promise<void> | undefined;

  async function verify(): Promise<void> {
    try {
      await transport.verify();
      provenAt = performance.now();
    } finally {
      verifying = undefined;
    }
  }

  async function send(mail: OutgoingMail, signal: AbortSignal): Promise<string> {
    const deadline = AbortSignal.timeout(timeoutMs * SILENCES_PER_MAIL);
    try {
      const message = { ...messageOf(mail, sender), signal: AbortSignal.any([signal, deadline]) };
      const { response } = await transport.sendMail(message);
      provenAt = performance.now();
      return oneLine(withoutAddresses(response, mail.to)).slice(0, MAX_RESPONSE_CHARACTERS);
    } catch (error) {
      provenAt = Number.NEGATIVE_INFINITY;
      throw smtpFailureOf(error, mail.to);
    }
  }

  return {
    send,
    check: async () => {
      if (performance.now() - provenAt < FRESH_MS) return;
      verifying ??= verify();
      await verifying;
    },
    close: () => transport.close({ force: true }),
  };
}

function messageOf(mail: OutgoingMail, sender: Sender): SendMailOptions {
  const { correlationId, references } = mail;
  const traced = correlationId !== undefined && HEADER_VALUE.test(correlationId);
  const parent = references.at(-1);
  return {
    from: { name: sender.name, address: sender.address },
    // as an object it is never parsed, so it stays one recipient whatever stands in it
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    messageId: mail.messageId,
    ...(parent === undefined ? {} : { inReplyTo: parent, references: [...references] }),
    // RFC 3834, 5: keeps holiday replies away
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(traced ? { 'X-Correlation-Id': correlationId } : {}),
    },
    xMailer: false,
  };
}
