import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, nextVersion } from './contract.ts';
import { CategoryMismatchError, ContractViolationError, UnregisteredTypeError } from './contract-errors.ts';
import type { StoredEvent } from './envelope.ts';
import { createRegistry } from './event-registry.ts';
import { InvalidCategoryError } from './stream-name.ts';

const firstBrew = defineEvent({
  type: 'TeaBrewed',
  category: 'tea',
  description: 'Tea was made.',
  schema: z.strictObject({ cups: z.int() }),
});
const secondBrew = nextVersion(firstBrew, z.strictObject({ millilitres: z.int() }), ({ cups }) => ({
  millilitres: cups * 200,
}));
const brewed = nextVersion(secondBrew, z.strictObject({ litres: z.number() }), ({ millilitres }) => ({
  litres: millilitres / 1000,
}));
const registry = createRegistry([brewed]);

const entry = (fields: Partial<StoredEvent>): StoredEvent => ({
  position: '3-1732150000000-0',
  stream: 'tea:1',
  version: 1,
  type: 'TeaBrewed',
  schemaVersion: 3,
  data: '{"litres":1}',
  meta: '{}',
  ...fields,
});

describe('accept', () => {
  it('checks the newest version unless told otherwise', () => {
    expect(registry.accept('tea:1', 'TeaBrewed', { litres: 1 })).toMatchObject({ schemaVersion: 3 });
    expect(registry.accept('tea:1', 'TeaBrewed', { cups: 5 }, 1)).toMatchObject({ schemaVersion: 1 });
    expect(() => registry.accept('tea:1', 'TeaBrewed', { cups: 5 })).toThrow(ContractViolationError);
  });

  it('names type, version and the places that are wrong', () => {
    try {
      registry.accept('tea:1', 'TeaBrewed', { litres: 'many' });
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ type: 'TeaBrewed', schemaVersion: 3, issues: [{ path: 'litres' }] });
    }
  });

  it('refuses a version that there is not', () => {
    expect(() => registry.accept('tea:1', 'TeaBrewed', {}, 4)).toThrow(/no version 4/);
  });

  it('refuses a registered type on a stream of another category', () => {
    expect(() => registry.accept('coffee:1', 'TeaBrewed', { litres: 1 })).toThrow(CategoryMismatchError);
  });

  it('lets an unregistered type through', () => {
    const data = { anything: true };
    expect(registry.accept('coffee:1', 'CoffeeSpilt', data)).toEqual({
      type: 'CoffeeSpilt',
      schemaVersion: 1,
      data,
    });
  });
});

describe('a closed registry', () => {
  const closed = createRegistry([brewed], { unregisteredTypes: 'refuse' });

  it('refuses to write an unregistered type, and reads one as an open registry does', () => {
    expect(closed.accept('tea:1', 'TeaBrewed', { litres: 1 })).toMatchObject({ schemaVersion: 3 });
    expect(() => closed.accept('coffee:1', 'CoffeeSpilt', {})).toThrow(UnregisteredTypeError);
    expect(() => closed.accept('coffee:1', 'CoffeeSpilt', {})).toThrow(/no contract.*"CoffeeSpilt"/);
    const spilt = entry({ stream: 'coffee:1', type: 'CoffeeSpilt', data: '{"x":1}' });
    expect(closed.decode(spilt)).toEqual(registry.decode(spilt));
  });
});

describe('decode', () => {
  it.each([
    [1, { cups: 5 }],
    [2, { millilitres: 1000 }],
    [3, { litres: 1 }],
  ])('brings version %d to the newest', (schemaVersion, data) => {
    const envelope = registry.decode(entry({ schemaVersion, data: JSON.stringify(data) }));
    expect(envelope).toMatchObject({ schemaVersion: 3, data: { litres: 1 } });
    expect(envelope).not.toHaveProperty('unreadable');
  });

  it.each([
    ['unknown-type', { type: 'CoffeeSpilt', data: '{"x":1}' }, { x: 1 }],
    ['unknown-version', { schemaVersion: 4 }, { litres: 1 }],
    ['unknown-type', { type: 'CoffeeSpilt', data: '{"x":' }, '{"x":'],
    ['malformed', { data: '{"litres":' }, '{"litres":'],
    ['malformed', { schemaVersion: 1, data: 'null' }, null],
    ['malformed', { data: 'null' }, null],
    ['malformed', { data: '[1]' }, [1]],
    ['malformed', { position: '3-8640000000000001-0' }, { litres: 1 }],
    ['malformed', { position: '3-18446744073709551615-18446744073709551615' }, { litres: 1 }],
  ])('hands an event through that is %s', (unreadable, fields, data) => {
    expect(registry.decode(entry(fields))).toMatchObject({ unreadable, data });
  });

  it('gives an entry beyond all dates the last one', () => {
    const recordedAt = '+275760-09-13T00:00:00.000Z';
    const last = registry.decode(entry({ position: '3-8640000000000000-0' }));
    expect(last).toMatchObject({ recordedAt });
    expect(last).not.toHaveProperty('unreadable');
    expect(registry.decode(entry({ position: '3-8640000000000001-0' }))).toMatchObject({
      recordedAt,
      occurredAt: recordedAt,
    });
  });

  it('takes the time of recording from the position, and business time from the writer', () => {
    const recordedAt = '2024-11-21T00:46:40.000Z';
    expect(registry.decode(entry({}))).toMatchObject({ recordedAt, occurredAt: recordedAt });
    const occurredAt = '2020-01-01T00:00:00.000Z';
    expect(registry.decode(entry({ meta: JSON.stringify({ occurredAt }) }))).toMatchObject({
      recordedAt,
      occurredAt,
    });
  });

  it.each(['nonsense', '[]', 'null', '{"occurredAt":5}', '{"occurredAt":"yesterday"}'])(
    'survives meta %s',
    (meta) => {
      expect(registry.decode(entry({ meta })).occurredAt).toBe('2024-11-21T00:46:40.000Z');
    },
  );

  it('has the position as id unless the entry has one of its own', () => {
    expect(registry.decode(entry({})).id).toBe('3-1732150000000-0');
    expect(registry.decode(entry({ id: 'imported-7' }))).toMatchObject({
      id: 'imported-7',
      position: '3-1732150000000-0',
    });
  });
});

describe('a registry', () => {
  it('refuses two contracts of one type', () => {
    expect(() => createRegistry([brewed, firstBrew])).toThrow(/TeaBrewed is registered twice/);
  });

  it('refuses a category that no stream can have, of a contract and of a rule', () => {
    expect(() => createRegistry([{ ...brewed, category: 'green-tea' }])).toThrow(InvalidCategoryError);
    const rules = { 'green-tea': { idField: 'teaId' } };
    expect(() => createRegistry([], { rules })).toThrow(InvalidCategoryError);
  });

  it('takes an unregistered event for one of its stream’s category', () => {
    expect(registry.categoryOf('TeaBrewed', 'anything')).toBe('tea');
    expect(registry.categoryOf('CoffeeSpilt', 'user_123')).toBe('user');
  });
});
