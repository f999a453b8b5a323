import { type EventEnvelope, parsePosition } from '@headrace/event-schema';
import { column, defineProjection, nullable, type RowOf } from '@headrace/projections';
import { businessTimeOf } from './business-time.ts';

const { text, integer, bigint, timestamptz } = column;

/** An index takes no entry above 2,704 bytes; four for each character, beside the other columns. */
const MAX_INDEXED_LENGTH = 512;

const columns = {
  position: text,
  partition: integer,
  /** Milliseconds and sequence of the entry's id in its partition. */
  ms: bigint,
  seq: bigint,
  event_id: text,
  stream: text,
  category: text,
  type: text,
  version: bigint,
  schema_version: bigint,
  /** Why the contracts of the build that recorded it cannot interpret `data`, which is then as it was stored. */
  unreadable: nullable(text),
  actor: nullable(text),
  correlation_id: nullable(text),
  causation_id: nullable(text),
  command_id: nullable(text),
  recorded_at: timestamptz,
  occurred_at: timestamptz,
  /** `json`, which keeps what `jsonb` refuses, such as an escaped NUL. */
  data: column.json(),
} as const;

/** One event of the log. */
export type AuditRow = RowOf<typeof columns>;

export const auditLog = defineProjection({
  name: 'audit_log',
  version: 1,
  description: 'Every event of the log, those that no contract can read included.',
  columns,
  key: 'position',
  // pages follow each partition in its own order, whatever they filter by
  indexes: [
    ['partition', 'ms', 'seq'],
    ['stream', 'partition', 'ms', 'seq'],
    ['category', 'partition', 'ms', 'seq'],
    ['type', 'partition', 'ms', 'seq'],
    ['actor', 'partition', 'ms', 'seq'],
    ['correlation_id', 'partition', 'ms', 'seq'],
    ['occurred_at'],
  ],
  events: [],
  on: { '*': { key: ({ position }) => position, evolve: (_, event) => rowOf(event) } },
});

/** Total: entries that were written by hand may hold anything and are recorded all the same. */
function rowOf(event: EventEnvelope): AuditRow {
  const { partition, ms, seq } = parsePosition(event.position);
  const { actor, correlationId, causationId, commandId } = event.meta;
  return {
    position: event.position,
    partition,
    ms,
    seq,
    event_id: event.id,
    stream: bounded(event.stream),
    category: bounded(event.category),
    type: bounded(event.type),
    version: wholeOrZero(event.version),
    schema_version: wholeOrZero(event.schemaVersion),
    unreadable: event.unreadable ?? null,
    actor: boundedOrNull(actor),
    correlation_id: boundedOrNull(correlationId),
    causation_id: boundedOrNull(causationId),
    command_id: boundedOrNull(commandId),
    recorded_at: new Date(event.recordedAt),
    occurred_at: businessTimeOf(event),
    data: event.data,
  };
}

/** Meta that was written by hand need not hold what its types say. */
function boundedOrNull(value: unknown): string | null {
  return typeof value === 'string' ? bounded(value) : null;
}

function bounded(text: string): string {
  return text.slice(0, MAX_INDEXED_LENGTH);
}

function wholeOrZero(value: number): number {
  return Number.isSafeInteger(value) ? value : 0;
}
