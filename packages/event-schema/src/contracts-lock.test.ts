import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineEvent, type EventContract, nextVersion } from './contract.ts';
import { compareContracts } from './contracts-lock.ts';
import { describeContracts } from './json-schema.ts';

const base = defineEvent({
  type: 'TeaBrewed',
  category: 'tea',
  description: 'Tea was made.',
  schema: z.strictObject({
    cups: z.int().min(1),
    kind: z.enum(['black', 'green']),
    sugar: z.number().exactOptional(),
  }),
});
const withSchema = (schema: z.ZodType): EventContract => defineEvent({ ...base, schema });
const compare = (...current: readonly EventContract[]) =>
  compareContracts(describeContracts([base]), describeContracts(current));

describe('compareContracts', () => {
  const { shape } = z.strictObject({
    cups: z.int().min(1),
    kind: z.enum(['black', 'green']),
    sugar: z.number().exactOptional(),
  });

  it('allows a new optional field', () => {
    expect(compare(withSchema(z.strictObject({ ...shape, milk: z.boolean().exactOptional() })))).toEqual([]);
  });

  it('allows fields in another order', () => {
    const { cups, kind, sugar } = shape;
    expect(compare(withSchema(z.strictObject({ sugar, kind, cups })))).toEqual([]);
  });

  it('allows a new type and a new version', () => {
    const other = defineEvent({ ...base, type: 'TeaDrunk' });
    const second = nextVersion(base, z.strictObject({}), () => ({}));
    expect(compare(second, other)).toEqual([]);
  });

  it('allows other descriptions', () => {
    expect(compare(withSchema(z.strictObject({ ...shape, cups: shape.cups.describe('how many') })))).toEqual(
      [],
    );
  });

  it.each([
    ['a new required field', z.strictObject({ ...shape, milk: z.boolean() })],
    ['an optional field made required', z.strictObject({ ...shape, sugar: z.number() })],
    ['a required field made optional', z.strictObject({ ...shape, cups: shape.cups.exactOptional() })],
    ['another type', z.strictObject({ ...shape, cups: z.string() })],
    ['another bound', z.strictObject({ ...shape, cups: z.int().min(2) })],
    ['another enum', z.strictObject({ ...shape, kind: z.enum(['black', 'green', 'white']) })],
    ['unknown fields let in', z.object(shape)],
  ])('refuses %s', (_, schema) => {
    expect(compare(withSchema(schema))).toMatchObject([
      { type: 'TeaBrewed', version: 1, reason: 'schema-changed' },
    ]);
  });

  it('refuses to lose a type or a version, or to move a type', () => {
    expect(compare()).toMatchObject([{ type: 'TeaBrewed', reason: 'type-removed' }]);
    expect(compare({ ...base, category: 'coffee' })).toMatchObject([{ reason: 'category-changed' }]);
    const two = describeContracts([nextVersion(base, z.strictObject({}), () => ({}))]);
    expect(compareContracts(two, describeContracts([base]))).toMatchObject([
      { type: 'TeaBrewed', version: 2, reason: 'version-removed' },
    ]);
  });

  it('looks into nested objects and arrays', () => {
    const nested = (item: z.ZodType) =>
      describeContracts([withSchema(z.strictObject({ items: z.array(item) }))]);
    const before = nested(z.strictObject({ id: z.string() }));
    expect(
      compareContracts(before, nested(z.strictObject({ id: z.string(), n: z.int().exactOptional() }))),
    ).toEqual([]);
    const [violation] = compareContracts(before, nested(z.strictObject({ id: z.int() })));
    expect(violation?.message).toContain('data.items.items.id.type was "string" and is "integer"');
  });
});
