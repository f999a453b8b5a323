import { definedOnly, type EventEnvelope } from '@headrace/event-schema';
import { column, defineProjection, nullable, type RowOf } from '@headrace/projections';
import { type UserEvent, type UserState, userContracts, userFold } from '@headrace/shop';
import { z } from 'zod';
import { businessTimeOf } from './business-time.ts';
import { oneOf } from './one-of.ts';
import { streamOfEvent } from './order-events.ts';

/** A user's event as projections receive it. */
export type UserEnvelope = {
  [Type in UserEvent['type']]: EventEnvelope<Type, Extract<UserEvent, { type: Type }>['data']>;
}[UserEvent['type']];

export const userStatusSchema = z.enum(['active', 'deleted']) satisfies z.ZodType<UserState['status']>;

const { text, bigint, timestamptz } = column;

const columns = {
  stream: text,
  user_id: text,
  name: nullable(text),
  email: nullable(text),
  phone: nullable(text),
  attributes: column.json<UserState['attributes']>(),
  status: oneOf(userStatusSchema),
  created_at: timestamptz,
  deleted_at: nullable(timestamptz),
  last_updated: timestamptz,
  version: bigint,
} as const;

/** One user of the read model; times are business time. */
export type UserRow = RowOf<typeof columns>;

const user = { key: streamOfEvent, evolve };

export const users = defineProjection({
  name: 'users',
  version: 1,
  description: 'Each user as known now, deleted ones included.',
  columns,
  key: 'stream',
  indexes: [['created_at', 'stream']],
  events: userContracts,
  on: { UserCreated: user, UserUpdated: user, UserDeleted: user },
});

/** Folds as the write side does, so that both sides can never disagree on what an event means. */
function evolve(row: UserRow | null, event: UserEnvelope): UserRow | null {
  const before = row === null ? null : stateOf(row);
  const occurredAt = businessTimeOf(event).toISOString();
  const after = userFold.evolve(before, event, { ...event, occurredAt });
  return after === null || after === before ? row : rowOf(event.stream, after);
}

function stateOf(row: UserRow): UserState {
  return {
    userId: row.user_id,
    attributes: row.attributes,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    lastUpdated: row.last_updated.toISOString(),
    version: row.version,
    ...definedOnly({
      name: row.name ?? undefined,
      email: row.email ?? undefined,
      phone: row.phone ?? undefined,
      deletedAt: row.deleted_at?.toISOString(),
    }),
  };
}

function rowOf(stream: string, state: UserState): UserRow {
  const { userId, name, email, phone, attributes, status, createdAt, deletedAt, lastUpdated, version } =
    state;
  return {
    stream,
    user_id: userId,
    name: name ?? null,
    email: email ?? null,
    phone: phone ?? null,
    attributes,
    status,
    created_at: new Date(createdAt),
    deleted_at: deletedAt === undefined ? null : new Date(deletedAt),
    last_updated: new Date(lastUpdated),
    version,
  };
}
