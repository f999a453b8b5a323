import type { EventEnvelope } from '@headrace/event-schema';
import { type Generated, sql, type Transaction } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Effects that show every repeat, loss and disorder: one row per handling, in the order of handling. */
export interface EffectTables {
  readonly effects: {
    readonly place: Generated<number>;
    readonly instance: string;
    readonly stream: string;
    readonly version: number;
    readonly text: string;
  };
}

/** Until it is mended, by a note that no event leaves. */
async function isDeadly(tx: Transaction<EffectTables>): Promise<boolean> {
  const mended = await tx
    .selectFrom('effects')
    .select('place')
    .where('stream', '=', 'mended')
    .limit(1)
    .execute();
  return mended.length === 0;
}

export const effectMigrations: Readonly<Record<string, Migration>> = {
  '0001_effects': {
    up: async (db) => {
      await sql`create table effects (
        place bigserial primary key, instance text not null, stream text not null, version int not null, text text not null
      )`.execute(db);
    },
  },
};

/** Fails on the text `poison`, after having written, and kills the process on `deadly`. */
export async function recordEffects(
  instance: string,
  events: readonly EventEnvelope[],
  tx: Transaction<EffectTables>,
): Promise<void> {
  for (const { stream, version, data } of events) {
    const text = String((data as { signature?: unknown }).signature);
    await sql`insert into effects (instance, stream, version, text) values (${instance}, ${stream}, ${version}, ${text})`.execute(
      tx,
    );
    if (text === 'deadly' && (await isDeadly(tx))) process.kill(process.pid, 'SIGKILL');
    if (text === 'poison') throw new Error('cannot digest this');
  }
}
