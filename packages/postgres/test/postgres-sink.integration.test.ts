import { usePostgres } from '@headrace/test-kit';
import { sql, type Transaction } from 'kysely';
import { sharedStepsContract } from '../contract/shared-steps.contract.ts';
import type { SinkUnderTest } from '../contract/sink-under-test.ts';
import { transactionalSinkContract } from '../contract/transactional-sink.contract.ts';
import { createDatabase, createPostgresSink } from '../src/index.ts';

interface Tables {
  readonly notes: { readonly what: string };
}

const postgres = usePostgres();

async function open(): Promise<SinkUnderTest<Transaction<Tables>>> {
  const database = createDatabase<Tables>({
    url: postgres.url,
    schema: postgres.schema,
    migrations: {
      '0001_notes': { up: (db) => db.schema.createTable('notes').addColumn('what', 'text').execute() },
    },
  });
  await database.migrate();
  return {
    sink: createPostgresSink(database),
    note: async (tx, what) => {
      await tx.insertInto('notes').values({ what }).execute();
    },
    notes: async () => {
      const { rows } = await sql<{ what: string }>`select what from notes`.execute(database.db);
      return rows.map(({ what }) => what);
    },
    close: () => database.close(),
  };
}

transactionalSinkContract(open);
sharedStepsContract(open);
