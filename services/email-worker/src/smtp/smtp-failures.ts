import { PoisonError, TransientError } from '@headrace/consumer';

/** The mail server, or the mail's own content, rules this one mail out: trying again would end the same way. */
export class MailRefusedError extends PoisonError {
  override readonly code = 'MAIL_REFUSED';
  /** SMTP reply code; undefined when the mail never reached the server. */
  readonly reply: number | undefined;
  constructor(message: string, reply: number | undefined) {
    super(message);
    this.name = 'MailRefusedError';
    this.reply = reply;
  }
}

/** What nodemailer attaches to its errors, as far as it matters here. */
interface SmtpFailure {
  /** Undefined where only the server's reply is known. */
  readonly code: string | undefined;
  readonly message: string;
  /** SMTP reply code. */
  readonly responseCode: number | undefined;
  /** The SMTP command that was under way. */
  readonly command: string | undefined;
}

/** About one mail, if the server did not say that it is only for now; every other code is about the connection. */
const ABOUT_THE_MAIL = new Set(['EENVELOPE', 'EMESSAGE', 'ESTREAM']);
/** Mail larger than the server takes (RFC 1870, 6.1). */
const TOO_LARGE = 552;
/** A command out of turn says something about the session, not about the mail. */
const BAD_SEQUENCE = 503;

/**
 * The worker's error for what nodemailer rejects with: MailRefusedError for a mail that cannot be sent as it is,
 * TransientError for a server that cannot take mails now: no connection, no TLS, a refused login, a reply 4yz. The new
 * error leaves out the old one and mail addresses, because servers quote them and errors end up in logs and dead
 * letters. Errors from elsewhere come back as they are.
 */
export function smtpFailureOf(error: unknown, recipient: string): unknown {
  const failure = failureIn(error);
  if (failure === undefined) return error;
  const message = withoutAddresses(failure.message, recipient);
  if (isAboutTheMail(failure, recipient)) return new MailRefusedError(message, failure.responseCode);
  return new TransientError(`${failure.code ?? failure.responseCode}: ${message}`);
}

/** Masks a recipient, and whatever else looks like a mail address. */
export function withoutAddresses(text: string, recipient: string): string {
  return text
    .replaceAll(recipient, '[address]')
    .replace(/[^\s<>"',;:()]{1,64}@[^\s<>"',;:()]{1,255}/g, '[address]');
}

function failureIn(error: unknown): SmtpFailure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, responseCode, command } = error as Error &
    Record<'code' | 'responseCode' | 'command', unknown>;
  if (typeof code !== 'string' && !isTransientReply(responseCode)) return undefined;
  return {
    code: typeof code === 'string' ? code : undefined,
    message: error.message,
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    command: typeof command === 'string' ? command : undefined,
  };
}

/** 4yz: transient negative completion (RFC 5321, 4.2.1). */
function isTransientReply(responseCode: unknown): boolean {
  return typeof responseCode === 'number' && responseCode >= 400 && responseCode < 500;
}

function isAboutTheMail(failure: SmtpFailure, recipient: string): boolean {
  const { code, responseCode, command } = failure;
  if (code === undefined || !ABOUT_THE_MAIL.has(code)) return false;
  if (responseCode === undefined) return true;
  if (responseCode < 500 || responseCode === BAD_SEQUENCE) return false;
  // the sender is always the same: refused, it is the settings that are wrong, unless this mail asked for more
  if (command === 'MAIL FROM') return responseCode === TOO_LARGE || !isAscii(recipient);
  return true;
}

/** Other addresses need SMTPUTF8, which a server may refuse in its answer to MAIL FROM (RFC 6531, 3.5). */
function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
