import type { EventEnvelope } from '@headrace/event-schema';
import { foldRows } from '@headrace/projections';
import { describe, expect, it } from 'vitest';
import { type Declaration, declarationBody, declarationOf } from './declaration.ts';
import { declaredProjection, SKIPPED_KEY, skippedOf } from './declared-projection.ts';

let sequence = 0;

/** An event on one of two partitions, each later than the one before. */
function event(data: unknown, partition = 0, type = 'Sold'): EventEnvelope {
  sequence += 1;
  const position = `${partition}-${1_700_000_000_000 + sequence}-0`;
  const at = new Date(1_700_000_000_000 + sequence).toISOString();
  return {
    id: position,
    position,
    stream: `shop:${partition}`,
    category: 'shop',
    version: sequence,
    type,
    schemaVersion: 1,
    data,
    recordedAt: at,
    occurredAt: at,
    meta: {},
  };
}

function formOf(given: object): Declaration {
  const { projectionId: _, ...rest } = declarationBody.parse({ projectionId: 'test', ...given });
  return declarationOf(rest);
}

const rowsOf = (reduce: unknown, key: string, events: readonly EventEnvelope[]) => {
  const declaration = formOf({ name: 'Test', eventTypes: ['Sold'], key, reduce });
  return foldRows(declaredProjection('test', declaration), events);
};
const valuesOf = (rows: ReturnType<typeof rowsOf>) =>
  Object.fromEntries([...rows].map(([key, { value }]) => [key, value]));

describe('a declared projection', () => {
  it('counts by the value of a field', () => {
    const events = [event({ by: 'ann' }), event({ by: 'bob' }), event({ by: 'ann' }), event({}, 0, 'Bought')];
    const rows = rowsOf('count', 'by', events);
    expect(valuesOf(rows)).toEqual({ ann: 2, bob: 1 });
    expect(rows.get('ann')).toMatchObject({ events: 2, updated_at: new Date(events[2]?.recordedAt ?? '') });
  });

  it('sums up a field below another one, exactly', () => {
    const events = [0.1, 0.2, 5].map((amount) => event({ by: 7, price: { amount } }));
    expect(valuesOf(rowsOf({ sum: 'price.amount' }, 'by', events))).toEqual({ 7: '5.3' });
  });

  it('merges the data of a stream, the newest on top', () => {
    const events = [event({ a: 1, b: { x: 1 } }), event({ b: { y: 2 }, c: null }), event({ a: 3 }, 1)];
    expect(valuesOf(rowsOf('merge', 'stream', events))).toEqual({
      'shop:0': { a: 1, b: { y: 2 }, c: null },
      'shop:1': { a: 3 },
    });
  });

  it('makes the same rows however the partitions come in', () => {
    const events = Array.from({ length: 60 }, (_, i) =>
      event(
        { by: `k${i % 3}`, [`f${i % 4}`]: i, amount: i / 10, ...(i % 7 === 0 ? { by: null } : {}) },
        i % 2,
      ),
    );
    const other = [0, 1].flatMap((partition) =>
      events.filter(({ position }) => position.startsWith(`${partition}-`)),
    );
    for (const reduce of ['merge', 'count', { sum: 'amount' }] as const)
      expect(rowsOf(reduce, 'by', other)).toEqual(rowsOf(reduce, 'by', events));
  });

  it('says which events it could not use', () => {
    const unusable = [{}, { by: '' }, { by: null }, { by: ['a'] }, { by: 'x'.repeat(513) }, { by: 'ann' }];
    const events = [
      event({ by: 'ann', n: 1 }),
      ...unusable.map((data) => event(data)),
      event({ by: 'ann', n: '2' }),
    ];
    const rows = rowsOf('sum(n)', 'by', events);
    expect(rows.get('ann')).toMatchObject({ value: '1', events: 1 });
    expect(skippedOf(rows.get(SKIPPED_KEY) ?? null)).toEqual({
      noKey: 5,
      noNumber: 2,
      lastPosition: events.at(-1)?.position,
    });
    expect(skippedOf(null)).toEqual({ noKey: 0, noNumber: 0, lastPosition: null });
  });

  it('keeps nothing of prototypes', () => {
    const data: unknown = JSON.parse('{"by":"a","__proto__":{"polluted":true}}');
    const rows = rowsOf('merge', 'by', [event(data), event({ by: 'constructor.name' })]);
    expect(Reflect.get(rows.get('a')?.value ?? {}, 'polluted')).toBe(undefined);
    expect(valuesOf(rowsOf('count', 'constructor.name', [event({})]))).toMatchObject({ '': { noKey: 1 } });
  });

  it('refuses a row that outgrows its bound', () => {
    const big = (name: string) => event({ by: 'a', [name]: 'x'.repeat(400_000) });
    expect(() => rowsOf('merge', 'by', [big('one'), big('two'), big('three')])).toThrow(
      'the merged data of "a" would take more than',
    );
    expect(rowsOf('merge', 'by', [big('one'), big('two'), big('two')]).get('a')?.events).toBe(3);
    expect(() => rowsOf('merge', 'by', [event({ by: 'a', text: 'ü'.repeat(600_000) })])).toThrow('more than');
  });

  it('counts towards it where the members of a row are from', () => {
    const small = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`f${i}`, i]));
    expect(JSON.stringify(small).length).toBeLessThan(500_000);
    expect(() => rowsOf('merge', 'by', [event({ by: 'a', ...small })])).toThrow('more than');
  });
});

describe('what is declared', () => {
  const declaration = {
    name: ' Sales ',
    eventTypes: ['B', 'A', 'B'],
    key: 'by',
    reduce: 'sum(price.amount)',
  };

  it('has one form', () => {
    const expected: Declaration = {
      name: 'Sales',
      eventTypes: ['A', 'B'],
      key: 'by',
      reduce: { sum: 'price.amount' },
    };
    expect(formOf(declaration)).toEqual(expected);
    expect(formOf(expected)).toEqual(expected);
  });

  it.each([
    { reduce: 'average' },
    { reduce: 'sum()' },
    { reduce: { sum: 'a..b' } },
    { reduce: { sum: 'a', by: 'b' } },
    { key: 'a b' },
    { key: Array(9).fill('a').join('.') },
    { eventTypes: [] },
    { eventTypes: Array.from({ length: 51 }, (_, i) => `T${i}`) },
    { name: 'a\0' },
    { more: true },
  ])('is refused with %j', (wrong) => {
    const given = { projectionId: 'test', ...declaration };
    expect(declarationBody.safeParse(given).success).toBe(true);
    expect(declarationBody.safeParse({ ...given, ...wrong }).success).toBe(false);
  });
});
