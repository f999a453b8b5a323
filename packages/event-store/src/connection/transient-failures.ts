/**
 * A failure that passes without a change to the request or the event. `unavailable`: a server cannot be reached or
 * cannot serve now; over HTTP every one of them is the same 503. `own-problem`: transient to a worker as well, but an
 * HTTP answer says more about it, in a problem type of its own.
 */
export type TransientFailure = 'unavailable' | 'own-problem';

/** Error codes that workers retry and that services answer with 503; SQLSTATEs and Redis answers are below. */
const TRANSIENT_CODES: ReadonlyMap<string, TransientFailure> = new Map([
  ...each('unavailable', [
    // sockets and name lookup
    ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    ...['EAI_AGAIN', 'ENOTFOUND'],
    'STORE_UNAVAILABLE',
    // another log than the known one, until it is put back or replaced
    'LOG_CHANGED',
  ]),
  ...each('own-problem', [
    ...['STORE_OUT_OF_MEMORY', 'REPLY_LOST', 'APPEND_OUTCOME_UNKNOWN', 'DURABILITY_NOT_GIVEN'],
    ...[
      'DURABILITY_NOT_REACHED',
      'PARTITION_HELD',
      'STREAM_BUSY',
      'LOG_DISPUTED',
      'CLOCK_AHEAD',
      'TRANSIENT',
    ],
  ]),
]);

/**
 * SQLSTATEs (PostgreSQL, appendix A) of a server that cannot serve now: connection exceptions (class 08), insufficient
 * resources such as a full disk or too many connections (53), shut down or starting (57P01 to 57P05), timeouts of
 * statements, locks and idle transactions (57014, 55P03, 25P03), transactions that another try would complete
 * (40001, 40P01), a standby (25006), and a server that is not set up as it should be: login refused (28), no privilege
 * (42501), no such database, schema or table (3D000, 3F000, 42P01).
 */
const TRANSIENT_SQLSTATE =
  /^(?:08[0-9A-Z]{3}|53[0-9A-Z]{3}|57P0[1-5]|57014|55P03|25P03|25006|40001|40P01|28[0-9A-Z]{3}|42501|3D000|3F000|42P01)$/;

/** How Redis begins its answer to any command while it starts, fails over, cannot write or refuses the login. */
const REDIS_REFUSES_ALL =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|MISCONF|NOREPLICAS|NOAUTH|WRONGPASS)\b/;
/** The same for single commands only: those that need memory, or that this user may not run. */
const REDIS_REFUSES_COMMAND = /^(?:OOM|NOPERM)\b/;

/** pg and ioredis report these by message only. */
const TRANSIENT_MESSAGE = new RegExp(
  [
    'Connection is closed',
    'Connection terminated',
    'Postgres connection has been discarded',
    'Client was closed and is not queryable',
    'Client has encountered a connection error',
    'Command timed out',
    'Query read timeout',
    'timeout exceeded when trying to connect',
    'timeout expired',
    'Socket timeout',
    "Stream isn't writeable",
  ].join('|'),
);

/** By the name of the error's class. The client of an aborted request is gone: HTTP does not answer it with 503. */
const TRANSIENT_NAMES: ReadonlyMap<string, TransientFailure> = new Map([
  ['MaxRetriesPerRequestError', 'unavailable'],
  ['AbortError', 'own-problem'],
]);

const MAX_CAUSES = 5;

/** An error and what caused it, the error first; at most five, so that circular causes end. */
export function withCauses(error: unknown): readonly unknown[] {
  const errors: unknown[] = [];
  let current = error;
  while (current !== undefined && errors.length < MAX_CAUSES) {
    errors.push(current);
    current = propertyOf(current, 'cause');
  }
  return errors;
}

/** Looks at the error itself, not at its causes. Undefined: it is not known to pass. */
export function transientFailureOf(error: unknown): TransientFailure | undefined {
  const code = propertyOf(error, 'code');
  if (typeof code === 'string') {
    const known = TRANSIENT_CODES.get(code);
    if (known !== undefined) return known;
    if (TRANSIENT_SQLSTATE.test(code)) return 'unavailable';
    // a newer writer is out already: this reader will be upgraded
    if (code === 'UNREADABLE_EVENT' && propertyOf(error, 'reason') === 'unknown-version')
      return 'own-problem';
  }
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const isRefusal = refusesAllCommands(message) || REDIS_REFUSES_COMMAND.test(message);
  return isRefusal || TRANSIENT_MESSAGE.test(message) ? 'unavailable' : TRANSIENT_NAMES.get(name);
}

/** Whether an error reply of Redis says that it takes no command at the moment. */
export function refusesAllCommands(reply: string): boolean {
  return REDIS_REFUSES_ALL.test(reply);
}

function each(
  failure: TransientFailure,
  codes: readonly string[],
): readonly (readonly [string, TransientFailure])[] {
  return codes.map((code) => [code, failure]);
}

function propertyOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
