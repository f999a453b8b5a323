import { codeOf, fieldOf } from './map-by-code.ts';

/** Of the operating system, and of the event store's own error for a Redis that cannot be reached. */
const UNAVAILABLE_CODES = new Set([
  'STORE_UNAVAILABLE',
  // another log than the one that is known, until it is put back or replaced
  'LOG_CHANGED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/**
 * SQLSTATEs of a server that cannot serve at the moment: connection exceptions (class 08), insufficient
 * resources such as a full disk or too many connections (53), shut down or starting (57P01 to 57P05), timeouts of
 * statements, locks and idle transactions (57014, 55P03, 25P03), transactions that another try would complete
 * (40001, 40P01), a standby (25006), and a server that is not as it should be: login refused (28), no privilege
 * (42501), no such database, schema or table (3D000, 3F000, 42P01).
 */
const SQL_STATE =
  /^(?:08[0-9A-Z]{3}|53[0-9A-Z]{3}|57P0[1-5]|57014|55P03|25P03|25006|40001|40P01|28[0-9A-Z]{3}|42501|3D000|3F000|42P01)$/;

/** pg and ioredis report these by message only. */
const MESSAGES = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Postgres connection has been discarded',
  'Client was closed and is not queryable',
  'Query read timeout',
  'Client has encountered a connection error',
  'Connection is closed',
  'Command timed out',
  'Socket timeout',
  "Stream isn't writeable",
  'timeout expired',
];

/** What Redis answers while it starts, fails over or cannot write. */
const REDIS_REFUSAL =
  /^(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|BUSY|MISCONF|NOREPLICAS|OOM|NOAUTH|WRONGPASS|NOPERM)\b/;

const MAX_CAUSES = 5;

/** Whether an error, or one that caused it, says that Redis or PostgreSQL cannot be reached or cannot serve now. */
export function isConnectionFailure(error: unknown): boolean {
  let current = error;
  for (let depth = 0; depth < MAX_CAUSES && current !== undefined; depth += 1) {
    if (saysUnavailable(current)) return true;
    current = fieldOf(current, 'cause');
  }
  return false;
}

function saysUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && (UNAVAILABLE_CODES.has(code) || SQL_STATE.test(code))) return true;
  if (!(error instanceof Error)) return false;
  if (error.name === 'MaxRetriesPerRequestError') return true;
  if (error.name === 'ReplyError') return REDIS_REFUSAL.test(error.message);
  return MESSAGES.some((message) => error.message.startsWith(message));
}
