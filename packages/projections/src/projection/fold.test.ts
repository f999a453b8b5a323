import type { EventEnvelope } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import { column } from './columns.ts';
import { defineProjection } from './definition.ts';
import { foldRow, foldRows } from './fold.ts';

const counts = defineProjection({
  name: 'counts',
  version: 1,
  columns: { id: column.text, count: column.integer },
  key: 'id',
  events: [],
  on: {
    '*': {
      key: ({ stream }) => stream,
      evolve: (row, { stream, type }) => {
        if (type === 'Removed') return null;
        return { id: type === 'Wrong' ? 'other' : stream, count: (row?.count ?? 0) + 1, extra: 'no column' };
      },
    },
  },
});

const event = (stream: string, type = 'Counted'): EventEnvelope => ({
  id: '0-1-0',
  position: '0-1-0',
  stream,
  category: 'x',
  version: 1,
  type,
  schemaVersion: 1,
  data: {},
  recordedAt: '',
  occurredAt: '',
  meta: {},
});

async function* asynchronously(events: readonly EventEnvelope[]): AsyncGenerator<EventEnvelope> {
  yield* events;
}

describe('folding', () => {
  const events = [event('a'), event('b'), event('a'), event('c'), event('c', 'Removed')];

  it('gives all rows, or the one of a key', async () => {
    expect([...foldRows(counts, events).values()]).toEqual([
      { id: 'a', count: 2 },
      { id: 'b', count: 1 },
    ]);
    expect(await foldRow(counts, asynchronously(events), 'a')).toEqual({ id: 'a', count: 2 });
    expect(await foldRow(counts, events, 'c')).toBeNull();
    expect(await foldRow(counts, [], 'a')).toBeNull();
  });

  it('refuses a row under another key than its event’s', () => {
    expect(() => foldRows(counts, [event('a', 'Wrong')])).toThrow('the row\'s key is not the event\'s, "a"');
  });
});
