import { randomUUID } from 'node:crypto';
import { createRegistry, entryIdOf } from '@headrace/event-schema';
import { describe, expect, it } from 'vitest';
import type { EventStore, ExpectedVersion, NewEvent } from '../../src/index.ts';
import { added, addedTimes, counterAdded, opened } from './counter.ts';
import { collect, failureOf, logLength, newStream, type OpenStore, useStore } from './tools.ts';

const KIB = 1024;

export function appendContract(openStore: OpenStore): void {
  describe('appending', () => {
    const store = useStore(openStore);

    async function streamWith(events: number): Promise<string> {
      const stream = newStream();
      if (events > 0) await store().append(stream, addedTimes(events));
      return stream;
    }

    /** Bytes that an event with this note takes beside the note itself. */
    function overhead(): number {
      const data = JSON.stringify(added(1, '').data);
      return data.length + JSON.stringify({ commandId: 'c', correlationId: 'c' }).length;
    }

    function eventOf(bytes: number): NewEvent {
      return added(1, 'x'.repeat(bytes - overhead()));
    }

    it.each<[ExpectedVersion, number]>([
      ['any', 0],
      ['any', 3],
      ['exists', 3],
      ['no-stream', 0],
      [0, 0],
      [3, 3],
    ])('appends with expected version %s to a stream of %i events', async (expectedVersion, events) => {
      const stream = await streamWith(events);
      const result = await store().append(stream, [added()], { expectedVersion });
      expect(result).toMatchObject({ stream, version: events + 1, replayed: false });
      expect(await store().streamVersion(stream)).toBe(events + 1);
    });

    it.each<[ExpectedVersion, number]>([
      ['exists', 0],
      ['no-stream', 3],
      [0, 3],
      [2, 3],
      [4, 3],
      [-1, 3],
      [1, 0],
    ])('refuses expected version %s on a stream of %i events', async (expected, actual) => {
      const stream = await streamWith(actual);
      const before = await logLength(store(), stream);
      const refusal = await failureOf(store().append(stream, [added()], { expectedVersion: expected }));
      expect(refusal).toMatchObject({ code: 'WRONG_EXPECTED_VERSION', stream, expected, actual });
      expect(await store().streamVersion(stream)).toBe(actual);
      expect(await logLength(store(), stream)).toBe(before);
    });

    it('numbers events without a gap, at consecutive positions that are their ids and make the index', async () => {
      const stream = newStream();
      const first = await store().append(stream, [opened(), ...addedTimes(4)]);
      const second = await store().append(stream, addedTimes(3));
      const positions = [...first.positions, ...second.positions];
      const events = await collect(store().readStream(stream));
      expect(events.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(events.map(({ position }) => position)).toEqual(positions);
      expect(events.map(({ id }) => id)).toEqual(positions);
      const index = await store().redis.lrange(store().keys.stream(stream), 0, -1);
      expect(index).toEqual(positions.map(entryIdOf));
      const seqs = first.positions.map((position) => Number(position.split('-')[2]));
      expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i));
    });

    it('stores an entry as plain fields in a fixed order', async () => {
      const stream = newStream();
      const { positions } = await store().append(stream, [added(7)], {
        commandId: 'c1',
        correlationId: 'r1',
        causationId: 'e1',
        actor: 'ann',
        traceparent: 't',
        ip: '::1',
      });
      const id = entryIdOf(positions[0] ?? '');
      const log = store().keys.log(store().keys.partitionOf(stream));
      const meta = {
        commandId: 'c1',
        correlationId: 'r1',
        causationId: 'e1',
        actor: 'ann',
        traceparent: 't',
        ip: '::1',
      };
      expect(await store().redis.xrange(log, id, id)).toEqual([
        [
          id,
          [
            ...['stream', stream, 'version', '1', 'type', 'CounterAdded', 'schema', '2'],
            ...['data', '{"by":7,"unit":"piece"}', 'meta', JSON.stringify(meta)],
          ],
        ],
      ]);
    });

    it('keeps business time and own meta, but no fields of the store that a writer sets', async () => {
      const stream = newStream();
      const meta = { commandId: 'forged', fingerprint: 'forged', occurredAt: 5, tenant: 'acme' };
      await store().append(
        stream,
        [
          { ...added(), occurredAt: '2020-01-02T03:04:05+01:00' },
          { ...added(), meta },
        ],
        { commandId: 'real' },
      );
      const [dated, forged] = await collect(store().readStream(stream));
      expect(dated?.occurredAt).toBe('2020-01-02T02:04:05.000Z');
      expect(Date.parse(dated?.recordedAt ?? '')).toBeGreaterThan(Date.parse('2024-01-01'));
      expect(forged?.meta).toEqual({ commandId: 'real', correlationId: 'real', tenant: 'acme' });
      expect(forged?.occurredAt).toBe(forged?.recordedAt);
    });

    const refused: [string, string | undefined, NewEvent[], string][] = [
      ['no events', undefined, [], 'INVALID_APPEND'],
      ['1,001 events', undefined, [...addedTimes(1_001)], 'APPEND_TOO_LARGE'],
      ['an invalid stream name', 'counter:a b', [added()], 'INVALID_STREAM_NAME'],
      ['an empty stream name', '', [added()], 'INVALID_STREAM_NAME'],
      ['a stream name of 257 characters', `counter:${'x'.repeat(249)}`, [added()], 'INVALID_STREAM_NAME'],
      ['a stream of another category', `order:${randomUUID()}`, [added()], 'CATEGORY_MISMATCH'],
      [
        'data against its contract',
        undefined,
        [{ type: 'CounterAdded', data: { by: 'x' } }],
        'CONTRACT_VIOLATION',
      ],
      ['an unknown version', undefined, [{ ...added(), schemaVersion: 3 }], 'CONTRACT_VIOLATION'],
      ['an invalid type name', undefined, [{ type: 'a b', data: {} }], 'INVALID_APPEND'],
      ['data that is no object', undefined, [{ type: 'Free', data: [1] }], 'INVALID_APPEND'],
      ['data whose JSON is no object', undefined, [{ type: 'Free', data: new Date() }], 'INVALID_APPEND'],
      ['data without JSON', undefined, [{ type: 'Free', data: { n: 1n } }], 'INVALID_APPEND'],
      ['an unreadable business time', undefined, [{ ...added(), occurredAt: 'soon' }], 'INVALID_APPEND'],
      [
        'a business time without an offset',
        undefined,
        [{ ...added(), occurredAt: '2024-01-02T10:00:00' }],
        'INVALID_APPEND',
      ],
    ];
    it.each(refused)('refuses %s, and the good events beside it', async (_, name, events, code) => {
      const stream = name ?? newStream();
      const home = name === undefined ? stream : newStream();
      const before = await logLength(store(), home);
      const batch = events.length === 0 ? [] : [added(), ...events].slice(0, 1_001);
      expect(await failureOf(store().append(stream, batch))).toMatchObject({ code });
      expect(await logLength(store(), home)).toBe(before);
      if (name === undefined) expect(await store().streamVersion(stream)).toBe(0);
    });

    it('refuses an unregistered type where the registry takes no others', async () => {
      const registry = createRegistry([counterAdded], { unregisteredTypes: 'refuse' });
      const closed: EventStore = await openStore({ registry });
      try {
        const stream = newStream();
        const free = { type: 'Counter.Seen', data: {} };
        for (const append of [closed.append, closed.appendChecked])
          expect(await failureOf(append(stream, [added(), free]))).toMatchObject({
            code: 'UNREGISTERED_TYPE',
            eventType: free.type,
          });
        expect(await closed.streamVersion(stream)).toBe(0);
        expect(closed.appendStats().outcomes).toMatchObject({ appended: 0, refused: 2 });
        expect(await closed.append(stream, [added()])).toMatchObject({ version: 1 });
      } finally {
        await closed.close();
      }
    });

    it('refuses a cause that is no position, and a receipt kept for no time', async () => {
      const stream = newStream();
      const misplaced = store().append(stream, [added()], { cause: 'yesterday' });
      expect(await failureOf(misplaced)).toMatchObject({ code: 'INVALID_POSITION' });
      for (const ttlS of [0, -1, 1.5, Number.NaN, 1e15]) {
        const idempotency = { key: 'k', actor: 'a', route: 'r', request: {}, ttlS };
        const unkept = store().append(stream, [added()], { idempotency });
        expect(await failureOf(unkept)).toMatchObject({ code: 'INVALID_APPEND' });
      }
      expect(await store().streamVersion(stream)).toBe(0);
    });

    it('takes 256 characters of name, 1,000 events, and a type that is not registered', async () => {
      const stream = `counter:${randomUUID()}`.padEnd(256, 'x');
      const free = { type: 'Counter.Seen-by_x', data: { nested: [1, { a: null }], text: 'ä✓\u0000"' } };
      const { positions } = await store().append(stream, [...addedTimes(999), free]);
      expect(new Set(positions).size).toBe(1_000);
      const last = await store().readEvent(positions[999] ?? '');
      expect(last).toMatchObject({ ...free, category: 'counter', schemaVersion: 1, version: 1_000 });
    });

    it('takes an event of 512 KiB and refuses one of a byte more', async () => {
      const stream = newStream();
      await store().append(stream, [eventOf(512 * KIB)], { commandId: 'c' });
      const tooLarge = store().append(stream, [eventOf(512 * KIB + 1)], { commandId: 'c' });
      expect(await failureOf(tooLarge)).toMatchObject({ code: 'APPEND_TOO_LARGE' });
      expect(await versionsAndSizes(stream)).toEqual([[1, 512 * KIB - overhead()]]);
    });

    it('takes 4 MiB together and refuses a byte more', async () => {
      const stream = newStream();
      const whole = Array.from({ length: 8 }, () => eventOf(512 * KIB));
      await store().append(stream, whole, { commandId: 'c' });
      const more = [...whole.slice(1), eventOf(512 * KIB - 200), eventOf(201)];
      const tooLarge = store().append(stream, more, { commandId: 'c' });
      expect(await failureOf(tooLarge)).toMatchObject({ code: 'APPEND_TOO_LARGE' });
      expect(await store().streamVersion(stream)).toBe(8);
    });

    async function versionsAndSizes(stream: string): Promise<[number, number][]> {
      const events = await collect(store().readStream(stream));
      return events.map(({ version, data }) => [version, (data as { note: string }).note.length]);
    }

    it('lets one of many concurrent writers win each version', async () => {
      const stream = newStream();
      const attempts = Array.from({ length: 100 }, (_, i) =>
        store().append(stream, [added(i)], { expectedVersion: 0 }),
      );
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await store().streamVersion(stream)).toBe(1);
    });
  });
}
