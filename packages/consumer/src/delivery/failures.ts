/**
 * What to do about a failure. `fenced`: drop everything, the partition is another's. `transient`: wait and try
 * again, for ever; it says nothing about the event. `poison`: this event cannot be handled as things are.
 */
export type FailureKind = 'fenced' | 'transient' | 'poison';

/** For handlers to say that a failure will pass and has nothing to do with the event. */
export class TransientError extends Error {
  readonly code = 'TRANSIENT';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TransientError';
  }
}

/**
 * For handlers to say that this event can never be handled, and that it is nobody else's fault: it is parked at
 * once, and never taken for a sign of an outage.
 */
export class PoisonError extends Error {
  readonly code: string = 'POISON';
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PoisonError';
  }
}

const TRANSIENT_CODES = new Set([
  'TRANSIENT',
  // sockets and name lookup
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
  'ENOTFOUND',
  // SMTP: no connection, no TLS, login refused; none of them is about one mail
  'ESOCKET',
  'ECONNECTION',
  'EDNS',
  'ETLS',
  'EAUTH',
  // the store
  'STORE_UNAVAILABLE',
  'STORE_OUT_OF_MEMORY',
  'REPLY_LOST',
  'APPEND_OUTCOME_UNKNOWN',
  'DURABILITY_NOT_GIVEN',
  'DURABILITY_NOT_REACHED',
  'PARTITION_HELD',
  'STREAM_BUSY',
  'LOG_CHANGED',
  'LOG_DISPUTED',
  'CLOCK_AHEAD',
]);
/**
 * SQLSTATEs (PostgreSQL, appendix A) of a server that is away or busy: connection (08), resources (53), shutdown
 * (57P0), serialisation, deadlock, timeouts, read-only. And of one that is not as it should be, whatever the event is:
 * login refused (28), no privilege (42501), no such database, schema or table (3D000, 3F000, 42P01).
 */
const TRANSIENT_SQLSTATE =
  /^(08...|53...|57P0.|57014|40001|40P01|55P03|25P03|25006|28...|42501|3D000|3F000|42P01)$/;
const TRANSIENT_MESSAGE =
  /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|MISCONF|NOREPLICAS|OOM|NOAUTH|WRONGPASS|NOPERM)\b|Connection is closed|Connection terminated|Postgres connection has been discarded|Client was closed and is not queryable|Command timed out|Query read timeout|timeout exceeded when trying to connect|timeout expired|Socket timeout|Client has encountered a connection error|Stream isn't writeable/;
const TRANSIENT_NAMES = new Set(['MaxRetriesPerRequestError', 'AbortError']);

/** Sorts a failure by its error, or by what caused it. */
export function kindOf(error: unknown): FailureKind {
  let current = error;
  for (let depth = 0; current instanceof Error && depth < 5; depth += 1) {
    const kind = kindByItself(current);
    if (kind !== undefined) return kind;
    current = current.cause;
  }
  return 'poison';
}

function kindByItself(error: Error): FailureKind | undefined {
  const { code, reason, responseCode } = error as Error & Readonly<Record<string, unknown>>;
  if (code === 'FENCED') return 'fenced';
  if (typeof code === 'string' && (TRANSIENT_CODES.has(code) || TRANSIENT_SQLSTATE.test(code)))
    return 'transient';
  // a newer writer is out already: this reader will be upgraded
  if (code === 'UNREADABLE_EVENT' && reason === 'unknown-version') return 'transient';
  // SMTP 4yz: transient negative completion (RFC 5321, 4.2.1)
  if (typeof responseCode === 'number' && responseCode >= 400 && responseCode < 500) return 'transient';
  if (TRANSIENT_NAMES.has(error.name) || TRANSIENT_MESSAGE.test(error.message)) return 'transient';
  return undefined;
}

const LONGEST_STACK = 4_000;

/** An error in one line as operators see it: bounded, without a stack. */
export function describe(error: unknown): string {
  return (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 1_000);
}

/** Why something is parked, as its dead letter keeps it; both null for what only waits behind another. */
export interface ParkedWhy {
  readonly error: string | null;
  /** Of the error and of those that caused it, at most 4,000 characters; null where there is none. */
  readonly stack: string | null;
}

export function whyParked(error: unknown): ParkedWhy {
  if (error === null) return { error: null, stack: null };
  const stack = stacksOf(error).join('\ncaused by: ').slice(0, LONGEST_STACK);
  return { error: describe(error), stack: stack === '' ? null : stack };
}

function stacksOf(error: unknown): readonly string[] {
  const stacks: string[] = [];
  for (let current = error; current instanceof Error && stacks.length < 5; current = current.cause)
    stacks.push(current.stack ?? describe(current));
  return stacks;
}
