import pg from 'pg';

/** A projection that cannot move on one partition: a transaction of ours has its checkpoint locked. */
export interface HeldCheckpoint {
  release(): Promise<void>;
}

/** The partition must have had an owner. */
export async function holdCheckpoint(
  postgres: { readonly url: string; readonly schema: string },
  group: string,
  partition: number,
): Promise<HeldCheckpoint> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query('BEGIN');
  const { rowCount } = await client.query(
    `SELECT 1 FROM ${postgres.schema}.consumer_checkpoints WHERE group_name = $1 AND partition = $2 FOR UPDATE`,
    [group, partition],
  );
  if (rowCount !== 1) throw new Error(`${group} has no checkpoint for partition ${partition}`);
  return {
    release: async () => {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
}
