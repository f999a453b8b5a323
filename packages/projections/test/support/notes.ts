import type { EventEnvelope } from '@headrace/event-schema';
import { column, defineProjection, nullable, type RowOf } from '../../src/index.ts';

/** What a made-up event says about the note with this key. */
export interface NoteData {
  readonly key: string;
  readonly add: number;
  readonly text: string | null;
  readonly remove: boolean;
}

const columns = {
  id: column.text,
  events: column.integer,
  total: column.bigint,
  busy: column.boolean,
  last_text: nullable(column.text),
  first_at: column.timestamptz,
  day: nullable(column.date),
  adds: column.jsonb<readonly { readonly add: number; readonly text: string | null }[]>(),
  raw: nullable(column.json<unknown>()),
};

export type NoteRow = RowOf<typeof columns>;

/** A fold that depends on everything that it has kept, and on the order, so that any mistake shows. */
export const notes = defineProjection({
  name: 'notes',
  version: 1,
  columns,
  key: 'id',
  indexes: [['first_at', 'id']],
  events: [],
  on: {
    '*': {
      key: (event) => (event.type === 'Ignored' ? null : (event.data as NoteData).key),
      evolve: (row, event) => evolve(row, event.data as NoteData, event),
    },
  },
});

function evolve(
  row: NoteRow | null,
  { key, add, text, remove }: NoteData,
  event: EventEnvelope,
): NoteRow | null {
  if (remove) return null;
  if (row !== null && add === 0) return row;
  return {
    id: key,
    events: (row?.events ?? 0) + 1,
    total: ((row?.total ?? 0) * 3 + add) % 1_000_000_007,
    busy: row?.last_text === text,
    last_text: text,
    first_at: row?.first_at ?? new Date(event.occurredAt),
    day: text === null ? null : event.occurredAt.slice(0, 10),
    adds: [...(row?.adds ?? []).slice(-3), { add, text }],
    raw: row === null ? null : event.data,
  };
}

/** The `n`th event of a made-up log. */
export function noteEvent(n: number, data: NoteData, change: Partial<EventEnvelope> = {}): EventEnvelope {
  const ms = 1_700_000_000_000 + n;
  const at = new Date(ms).toISOString();
  return {
    id: `0-${ms}-0`,
    position: `0-${ms}-0`,
    stream: 'note:1',
    category: 'note',
    version: n + 1,
    type: 'Noted',
    schemaVersion: 1,
    data,
    recordedAt: at,
    occurredAt: at,
    meta: {},
    ...change,
  };
}
