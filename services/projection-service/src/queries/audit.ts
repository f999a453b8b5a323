import { definedOnly, isStreamName, TIMELINES, type Timeline } from '@headrace/event-schema';
import type { Queryable } from '@headrace/projections';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { AuditRow } from '../projections/audit-log.ts';
import {
  type AuditPlace,
  auditCursorParameter,
  encodePlace,
  placeAfter,
  startOfAudit,
} from './audit-cursor.ts';
import { pageOf } from './page.ts';
import { commonParameters, inOrder, limitUpTo, momentParameter, textParameter } from './parameters.ts';

/** The parameters of the audit log; its cursor tells how many partitions the log has. */
export function auditParametersOf(partitions: number) {
  return z
    .strictObject({
      stream: z.string().refine(isStreamName, 'is no stream name').optional().describe('such as order:<id>'),
      category: textParameter.optional().describe('such as order'),
      type: textParameter.optional().describe('event type, such as OrderPlaced'),
      actor: textParameter.optional().describe('who caused the event, as stated in X-Actor'),
      correlationId: textParameter.optional().describe('all that one request caused, across streams'),
      from: momentParameter.optional().describe('only events at or after this time'),
      to: momentParameter.optional().describe('only events at or before this time'),
      by: z
        .enum(TIMELINES)
        .optional()
        .describe(
          'the time that `from` and `to` go by: `occurred`, business time, is the default here; `recorded`',
        ),
      // an event may hold half a megabyte
      limit: limitUpTo(200, 50),
      cursor: auditCursorParameter(partitions).optional(),
      ...commonParameters,
    })
    .refine(inOrder, { path: ['to'], message: 'must not be before from' })
    .refine(({ from, to, by }) => by === undefined || (from ?? to) !== undefined, {
      path: ['by'],
      message: 'goes with from or to',
    });
}

type Parameters = Omit<z.output<ReturnType<typeof auditParametersOf>>, keyof typeof commonParameters>;

/** One event of the audit log, upcast as it was when it was recorded here. */
export const auditEventSchema = z
  .object({
    eventId: z.string(),
    position: z.string(),
    stream: z.string(),
    category: z.string(),
    type: z.string(),
    version: z.int().describe('place in its stream, from 1'),
    schemaVersion: z.int(),
    unreadable: z
      .string()
      .optional()
      .describe('why no contract can read it; `data` is then as it was stored'),
    actor: z.string().optional(),
    correlationId: z.string().optional(),
    causationId: z.string().optional(),
    commandId: z.string().optional(),
    recordedAt: z.iso.datetime().describe("when it was stored, by Redis's clock"),
    occurredAt: z.iso.datetime().describe('business time'),
    data: z.unknown(),
  })
  .meta({
    id: 'AuditEvent',
    examples: [
      {
        eventId: '3-1732150000000-0',
        position: '3-1732150000000-0',
        stream: 'order:7f3f2c1e-8f0b-4d55-9a35-0c8e6f1a2b3c',
        category: 'order',
        type: 'OrderDelivered',
        version: 4,
        schemaVersion: 1,
        actor: 'warehouse-7',
        correlationId: 'c0a80101-7f3f-4d55-9a35-0c8e6f1a2b3c',
        commandId: 'a1b2c3d4-7f3f-4d55-9a35-0c8e6f1a2b3c',
        recordedAt: '2026-01-17T11:20:00.000Z',
        occurredAt: '2026-01-17T11:20:00.000Z',
        data: { orderId: '7f3f2c1e-8f0b-4d55-9a35-0c8e6f1a2b3c', userId: 'user-42' },
      },
    ],
  });

export const auditPageSchema = z.object({
  data: z.array(auditEventSchema),
  nextCursor: z
    .string()
    .nullable()
    .describe('where the next page begins; null when this is the last for now'),
  resumeCursor: z.string().describe('where to go on when there are new events'),
});

/**
 * A page of events ordered by (ms, seq, partition). The cursor holds a place for each partition: the rows of one
 * that lags come on a later page, out of that order, but none is skipped or comes twice. An idle partition delays no
 * page, and Redis is not needed.
 */
export async function listEvents(
  { db }: Queryable,
  table: string,
  partitions: number,
  parameters: Parameters,
) {
  const { limit, cursor = startOfAudit(partitions) } = parameters;
  const { rows } = await sql<AuditRow>`
    select event.*
    from ${placesOf(cursor)} as place (partition, ms, seq)
    cross join lateral (
      select * from ${sql.table(table)} as candidate
      where candidate.partition = place.partition and (candidate.ms, candidate.seq) > (place.ms, place.seq)
        ${filtersOf(parameters)}
      order by candidate.ms, candidate.seq limit ${limit + 1}
    ) as event
    order by event.ms, event.seq, event.partition limit ${limit + 1}`.execute(db);
  const { page, last } = pageOf(rows, limit);
  const resumeCursor = encodePlace(placeAfter(cursor, page));
  return { data: page.map(presentEvent), nextCursor: last === undefined ? null : resumeCursor, resumeCursor };
}

function placesOf(place: AuditPlace): RawBuilder<unknown> {
  return sql`unnest(
    ${place.map((_, partition) => partition)}::integer[],
    ${place.map(({ ms }) => ms)}::bigint[],
    ${place.map(({ seq }) => seq)}::bigint[]
  )`;
}

function filtersOf({
  stream,
  category,
  type,
  actor,
  correlationId,
  from,
  to,
  by = 'occurred',
}: Parameters): RawBuilder<unknown> {
  const equal = { stream, category, type, actor, correlation_id: correlationId };
  const conditions = Object.entries(equal).flatMap(([column, value]) =>
    value === undefined ? [] : [sql`and candidate.${sql.ref(column)} = ${value}`],
  );
  if (from !== undefined) conditions.push(sql`and ${momentOf(by, from, '>=')}`);
  if (to !== undefined) conditions.push(sql`and ${momentOf(by, to, '<=')}`);
  return conditions.length === 0 ? sql`` : sql.join(conditions, sql` `);
}

/** An entry's ms are its time of recording, and pages follow them: no other column needs an index for that. */
function momentOf(by: Timeline, moment: string, comparison: '<=' | '>='): RawBuilder<unknown> {
  const operator = sql.raw(comparison);
  return by === 'recorded'
    ? sql`candidate.ms ${operator} ${Date.parse(moment)}`
    : sql`candidate.occurred_at ${operator} ${moment}::timestamptz`;
}

function presentEvent(row: AuditRow): z.output<typeof auditEventSchema> {
  return {
    eventId: row.event_id,
    position: row.position,
    stream: row.stream,
    category: row.category,
    type: row.type,
    version: row.version,
    schemaVersion: row.schema_version,
    ...definedOnly({
      unreadable: row.unreadable ?? undefined,
      actor: row.actor ?? undefined,
      correlationId: row.correlation_id ?? undefined,
      causationId: row.causation_id ?? undefined,
      commandId: row.command_id ?? undefined,
    }),
    recordedAt: row.recorded_at.toISOString(),
    occurredAt: row.occurred_at.toISOString(),
    data: row.data,
  };
}
