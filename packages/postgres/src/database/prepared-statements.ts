import { createHash } from 'node:crypto';
import { TransientError } from '@headrace/consumer';
import type { PostgresPool, PostgresPoolClient } from 'kysely';
import type pg from 'pg';

/** For each connection; what comes then, such as searches by ever new combinations, is planned each time. */
const MAX_STATEMENTS = 500;
/** Uses of a statement after which it is planned anew; and again whenever there have been twice as many. */
const FIRST_REPLAN = 16;
/** SQLSTATE: the server does not know a prepared statement, or knows another one by its name. */
const UNKNOWN = new Set(['26000', '42P05']);
/** SQLSTATE, of a statement that has worked before: what it returns has changed with the schema. */
const CHANGED = '0A000';

/**
 * The pool with connections that keep the plans of statements with parameters, by their text: most of ours take longer
 * to plan than to run. Statements without parameters are run once, or hardly need a plan. One that has become stale
 * fails once, as transient, and is prepared anew on every connection. A plan is made for tables of a certain size, and
 * the server itself notices only after minutes that they have grown: all are made anew now and then.
 */
export function withPreparedStatements(pool: pg.Pool): PostgresPool {
  const prepared = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  const schema = { generation: 0 };
  return {
    options: pool.options,
    connect: async () => {
      const client = await pool.connect();
      const known = prepared.get(client) ?? prepare(client, schema);
      prepared.set(client, known);
      return known;
    },
    end: () => pool.end(),
  };
}

interface Statement {
  readonly name: string;
  hasWorked: boolean;
  uses: number;
  replanAt: number;
}

/** @param schema counts its changes, as far as they have been met */
function prepare(client: pg.PoolClient, schema: { generation: number }): PostgresPoolClient {
  const statements = new Map<string, Statement>();
  let isStale = false;

  function statementOf(text: string): Statement | undefined {
    const key = `${schema.generation} ${text}`;
    const known = statements.get(key);
    if (known !== undefined || statements.size === MAX_STATEMENTS) return known;
    // by its text, so that no pooler between us and the server can take one for another
    const name = `headrace_${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
    const statement = { name, hasWorked: false, uses: 0, replanAt: FIRST_REPLAN };
    statements.set(key, statement);
    return statement;
  }

  function failure(error: unknown, { hasWorked }: Statement): unknown {
    const { code = '' } = error as { readonly code?: string };
    if (!UNKNOWN.has(code) && !(code === CHANGED && hasWorked)) return error;
    if (!isStale) schema.generation += 1;
    isStale = true;
    return new TransientError('a prepared statement has become stale', { cause: error });
  }

  /** Takes effect for what is sent behind it. In a transaction that has failed it fails too, and is tried again soon. */
  function planAllAnew(): void {
    const soon = (): void => {
      for (const statement of statements.values()) statement.replanAt = statement.uses + FIRST_REPLAN;
    };
    client.query('discard plans').catch(soon);
    for (const statement of statements.values())
      statement.replanAt = Math.max(FIRST_REPLAN, 2 * statement.uses);
  }

  async function query(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    const statement = values.length === 0 ? undefined : statementOf(text);
    if (statement === undefined) return await client.query(text, [...values]);
    if (statement.uses === statement.replanAt) planAllAnew();
    statement.uses += 1;
    try {
      const result = await client.query({ name: statement.name, text, values: [...values] });
      statement.hasWorked = true;
      return result;
    } catch (error) {
      throw failure(error, statement);
    }
  }

  return {
    // Kysely's type has cursors too, which it asks for only where a dialect is given them
    query: query as unknown as PostgresPoolClient['query'],
    release: (destroy) => client.release(destroy === true || isStale),
  };
}
