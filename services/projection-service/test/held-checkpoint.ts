import pg from 'pg';

/** A projection that cannot move: a transaction of ours has locked what it needs. */
export interface HeldCheckpoint {
  release(): Promise<void>;
}

/** It cannot move on one partition, which must have had an owner. */
export async function holdCheckpoint(
  postgres: { readonly url: string; readonly schema: string },
  group: string,
  partition: number,
): Promise<HeldCheckpoint> {
  const rows = `SELECT 1 FROM ${postgres.schema}.consumer_checkpoints WHERE group_name = $1 AND partition = $2`;
  const { held, rowCount } = await hold(postgres, `${rows} FOR UPDATE`, [group, partition]);
  if (rowCount !== 1) throw new Error(`${group} has no checkpoint for partition ${partition}`);
  return held;
}

/** A projection that cannot move at all: nobody but us may write to its table. */
export async function holdTable(
  postgres: { readonly url: string; readonly schema: string },
  table: string,
): Promise<HeldCheckpoint> {
  return (await hold(postgres, `LOCK TABLE ${postgres.schema}."${table}" IN EXCLUSIVE MODE`, [])).held;
}

async function hold(postgres: { readonly url: string }, statement: string, values: readonly unknown[]) {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('BEGIN');
  const { rowCount } = await client.query(statement, [...values]);
  const held: HeldCheckpoint = {
    release: async () => {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
  return { held, rowCount };
}
