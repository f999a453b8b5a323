import { definedOnly } from '@headrace/event-schema';
import type { Queryable } from '@headrace/projections';
import { cursorOf, encodeCursor } from '@headrace/service-kit';
import { userIdSchema } from '@headrace/shop';
import { sql } from 'kysely';
import { z } from 'zod';
import { type UserRow, userStatusSchema } from '../projections/users.ts';
import { pageOf, textInCursor } from './cursor.ts';
import { commonParameters, limitUpTo, momentParameter } from './parameters.ts';

const placeSchema = z.tuple([momentParameter, textInCursor]);

export const userParameters = z.strictObject({
  userId: userIdSchema.describe('the user'),
  ...commonParameters,
});

export const usersParameters = z.strictObject({
  status: userStatusSchema.optional().describe('only users in this status'),
  limit: limitUpTo(200, 50),
  cursor: cursorOf(placeSchema).optional(),
  ...commonParameters,
});

type ListParameters = Pick<z.output<typeof usersParameters>, 'status' | 'limit' | 'cursor'>;

/** A user as clients see them. */
export const userSchema = z
  .object({
    userId: z.string(),
    name: z.string().optional(),
    email: z.string().optional(),
    phone: z.string().optional(),
    attributes: z.record(z.string(), z.unknown()),
    status: userStatusSchema,
    createdAt: z.iso.datetime(),
    deletedAt: z.iso.datetime().optional(),
    lastUpdated: z.iso.datetime(),
    version: z.int().describe('version of the last event of its stream that is in here'),
  })
  .meta({
    id: 'UserView',
    examples: [
      {
        userId: 'user_123',
        name: 'Ada Lovelace',
        email: 'ada@example.com',
        attributes: { plan: 'pro' },
        status: 'active',
        createdAt: '2026-01-15T14:00:00.000Z',
        lastUpdated: '2026-01-16T09:30:00.000Z',
        version: 2,
      },
    ],
  });

/** The user that a stream holds; undefined where the read model has none. */
export async function findUser(
  { db }: Queryable,
  table: string,
  stream: string,
): Promise<UserRow | undefined> {
  const { rows } = await sql<UserRow>`select * from ${sql.table(table)} where stream = ${stream}`.execute(db);
  return rows[0];
}

/** A page of users, newest first. */
export async function listUsers({ db }: Queryable, table: string, { status, limit, cursor }: ListParameters) {
  const conditions = [sql`true`];
  if (status !== undefined) conditions.push(sql`status = ${status}`);
  if (cursor !== undefined) {
    conditions.push(sql`(created_at, stream) < (${cursor[0]}::timestamptz, ${cursor[1]})`);
  }
  const { rows } = await sql<UserRow>`
    select * from ${sql.table(table)} where ${sql.join(conditions, sql` and `)}
    order by created_at desc, stream desc limit ${limit + 1}`.execute(db);
  const { page, last } = pageOf(rows, limit);
  return {
    data: page.map(presentUser),
    nextCursor: last === undefined ? null : encodeCursor([last.created_at.toISOString(), last.stream]),
  };
}

export function presentUser(row: UserRow) {
  return {
    userId: row.user_id,
    ...definedOnly({
      name: row.name ?? undefined,
      email: row.email ?? undefined,
      phone: row.phone ?? undefined,
      deletedAt: row.deleted_at?.toISOString(),
    }),
    attributes: row.attributes,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    lastUpdated: row.last_updated.toISOString(),
    version: row.version,
  };
}
