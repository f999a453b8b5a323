import pg from 'pg';

const CONNECT_TIMEOUT_MS = 5_000;
/**
 * Longest wait for another transaction's lock. Below the statement's time, since it is told apart by its
 * SQLSTATE (55P03): waiting is not the fault of what is being done.
 */
const LOCK_TIMEOUT_MS = 10_000;
/** A process that is stopped inside a transaction holds its locks no longer than this. */
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/** What a connection has gathered in the server, plans above all, goes with it. */
const MAX_LIFETIME_SECONDS = 3_600;
/** How much longer than the server's own bound to wait for an answer: then the network has lost it. */
const ANSWER_GRACE_MS = 5_000;
/** OIDs of pg_type. */
const INT8 = 20;
const DATE = 1082;

export interface PoolSettings {
  readonly url: string;
  readonly schema: string;
  readonly maxConnections: number;
  /** 0: none. */
  readonly statementTimeoutMs: number;
  readonly onError: (error: unknown) => void;
}

export function assertSchemaName(schema: string): void {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw new RangeError(`"${schema}" is no schema name of lower case letters, digits and _`);
}

/** A pool whose connections see one schema only. */
export function createPool(settings: PoolSettings): pg.Pool {
  const { statementTimeoutMs, onError } = settings;
  const bounded = statementTimeoutMs > 0;
  const pool = new pg.Pool({
    connectionString: withSearchPath(settings.url, settings.schema),
    fallback_application_name: `headrace/${settings.schema}`,
    max: settings.maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    maxLifetimeSeconds: MAX_LIFETIME_SECONDS,
    // see `pipelined`
    pipeline: true,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    ...(bounded
      ? {
          statement_timeout: statementTimeoutMs,
          lock_timeout: LOCK_TIMEOUT_MS,
          query_timeout: statementTimeoutMs + ANSWER_GRACE_MS,
        }
      : {}),
    types: { getTypeParser },
  });
  // a connection in use that is lost between two queries tells only its own listeners, and ends the process when
  // there are none; an idle one tells the pool too
  pool.on('connect', (client) => client.on('error', onError));
  pool.on('error', () => undefined);
  return pool;
}

/** The operator's own `options` stay; the last of two settings counts. */
function withSearchPath(url: string, schema: string): string {
  const changed = new URL(url);
  const given = changed.searchParams.get('options');
  changed.searchParams.set('options', `${given === null ? '' : `${given} `}-csearch_path=${schema}`);
  return changed.href;
}

/** Thrown for a `bigint` that a JavaScript number cannot hold exactly. */
export class BigintOutOfRangeError extends Error {
  readonly code = 'BIGINT_OUT_OF_RANGE';
  constructor(value: string) {
    super(`${value} is beyond what a number holds exactly`);
    this.name = 'BigintOutOfRangeError';
  }
}

function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new BigintOutOfRangeError(text);
  return value;
}

const getTypeParser: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8) return parseInt8;
  // pg would make it midnight of this process's time zone
  if (oid === DATE) return (text: string) => text;
  return format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : pg.types.getTypeParser(oid, 'text');
};
