import { sql } from 'kysely';
import type { Queryable } from './queryable.ts';
import { NO_VERSION, UnknownProjectionError } from './versions.ts';

/**
 * Pauses or resumes a projection in every process, also after a restart; each notices at its next poll. Queries are
 * still answered from the rows that there are.
 * @returns whether that changed anything
 * @throws UnknownProjectionError
 */
export async function setPaused({ db }: Queryable, name: string, paused: boolean): Promise<boolean> {
  const { rows } = await sql<{ paused: boolean }>`
    update projections as now set paused = ${paused} from projections as before
    where now.name = ${name} and before.name = now.name and now.active_version <> ${NO_VERSION}
    returning before.paused`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new UnknownProjectionError(name);
  return row.paused !== paused;
}
