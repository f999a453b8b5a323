import type { JsonSchema } from '@headrace/event-schema';
import { shopContracts } from '@headrace/shop';
import fc, { type Arbitrary } from 'fast-check';
import type { KnownValues } from './known-values.ts';
import type { Document } from './openapi-operations.ts';

/** The place of a value, and the known values for it. */
export interface Place {
  readonly document: Document;
  readonly known: KnownValues;
  /** The name of the member or parameter. */
  readonly name: string;
}

/** Names under which the answers of other operations have the same kind of value. */
const ALSO_CALLED: Readonly<Record<string, readonly string[]>> = {
  at: ['recordedAt', 'occurredAt', 'timestamp'],
  causationId: ['eventId', 'position'],
  commandId: ['id'],
  cursor: ['nextCursor'],
  eventId: ['id', 'position'],
  from: ['recordedAt', 'occurredAt', 'date'],
  fromVersion: ['version'],
  id: ['orderId', 'projectionId'],
  key: ['orderId', 'userId', 'accountId'],
  queryId: ['projectionId', 'id'],
  since: ['recordedAt', 'position'],
  stream: ['streamId'],
  streamId: ['stream'],
  to: ['recordedAt', 'occurredAt', 'date'],
  wait_for: ['eventId', 'position'],
};

const shortId = fc.stringMatching(/^[a-z0-9]{1,3}$/);

/** What schemas do not say: values that are accepted, that concern the same things, and that are fast to handle. */
const GOOD_VALUES: Readonly<Record<string, Arbitrary<unknown>>> = {
  accountId: shortId,
  amount: fc.constantFrom(10, 10, 20, 1, 0.5),
  currency: fc.constantFrom('USD', 'USD', 'USD', 'JPY', 'KWD', 'XAU'),
  email: fc.constantFrom('ada@example.com', 'a.b+c@mail.example.org', 'ü@example.com'),
  eventTypes: fc.subarray(
    shopContracts.map(({ type }) => type),
    { minLength: 1, maxLength: 4 },
  ),
  expectedVersion: fc.nat({ max: 4 }),
  id: fc.constantFrom('book', 'pen'),
  itemId: fc.constantFrom('book', 'pen'),
  key: fc.constantFrom('stream', 'userId', 'orderId', 'amount.currency'),
  limit: fc.integer({ min: 1, max: 100 }),
  minor: fc.constantFrom(1000, 1000, 1000, 1, 0),
  orderId: shortId,
  price: fc.constantFrom(10, 10, 0, 0.5),
  quantity: fc.constantFrom(1, 1, 2),
  reduce: fc.constantFrom<unknown>('merge', 'count', { sum: 'amount.minor' }),
  timeout_ms: fc.constantFrom(0, 1, 20),
  userId: shortId,
};
const GOOD_IN = 4;

/** With these members, most requests would be refused before anything else is checked. */
const RARE = new Set(['expectedVersion', 'causationId', 'metadata', 'occurredAt']);

/** Mostly a value that satisfies the schema, often one that the system has answered before. */
export function valuesOfSchema(schema: JsonSchema, place: Place): Arbitrary<unknown> {
  const ofSchema = bySchema(schema, place);
  const good = GOOD_VALUES[place.name];
  const either = good === undefined ? ofSchema : fc.oneof({ arbitrary: good, weight: GOOD_IN }, ofSchema);
  if (isContainer(schema, place)) return either;
  const names = [place.name, ...(ALSO_CALLED[place.name] ?? [])];
  return fc
    .tuple(either, fc.nat({ max: 4 }), fc.nat())
    .map(([value, often, at]) => (often < 3 ? (place.known.recall(names, at) ?? value) : value));
}

function isContainer(schema: JsonSchema, place: Place): boolean {
  const { type } = resolved(schema, place);
  return type === 'object' || type === 'array';
}

export function resolved(schema: JsonSchema, { document }: Pick<Place, 'document'>): JsonSchema {
  const reference = schema['$ref'];
  if (typeof reference !== 'string') return schema;
  return document.components.schemas[reference.slice('#/components/schemas/'.length)] ?? {};
}

function bySchema(given: JsonSchema, place: Place): Arbitrary<unknown> {
  const schema = resolved(given, place);
  const choices = (schema['anyOf'] ?? schema['oneOf']) as readonly JsonSchema[] | undefined;
  if (choices !== undefined) return fc.oneof(...choices.map((choice) => valuesOfSchema(choice, place)));
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as readonly unknown[]));
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, place);
    case 'array':
      return arrayOf(schema, place);
    case 'string':
      return stringOf(schema);
    case 'integer':
      return integerOf(schema);
    case 'number':
      return fc.oneof(integerOf(schema), fc.double({ noNaN: true, noDefaultInfinity: true }));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(schema: JsonSchema, place: Place): Arbitrary<object> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const members = Object.entries(properties).map(([name, of]): [string, Arbitrary<unknown>] => [
    name,
    valuesOfSchema(of, { ...place, name }),
  ]);
  const all = fc.record(Object.fromEntries(members), { requiredKeys: [...required] });
  const declared = fc
    .tuple(all, fc.nat({ max: 7 }))
    .map(([object, kept]) => (kept === 0 ? object : withoutRare(object, required)));
  const more = schema['additionalProperties'];
  if (more === undefined || more === false) return declared;
  const ofMore = valuesOfSchema(more === true ? {} : (more as JsonSchema), { ...place, name: '' });
  const others = fc.dictionary(fc.string({ maxLength: 20 }), ofMore, { maxKeys: 3 });
  return fc.tuple(others, declared).map(([other, own]) => ({ ...other, ...own }));
}

function withoutRare(object: object, required: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => required.includes(name) || !RARE.has(name)),
  );
}

function arrayOf(schema: JsonSchema, place: Place): Arbitrary<readonly unknown[]> {
  const minLength = bound(schema, 'minItems', 0);
  const maxLength = Math.min(bound(schema, 'maxItems', 4), minLength + 4);
  return fc.array(valuesOfSchema((schema['items'] ?? {}) as JsonSchema, place), { minLength, maxLength });
}

const DATES = fc.oneof(
  fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
  fc.constantFrom('0001-01-01', '0001-01-02', '9998-12-30', '9998-12-31').map((day) => new Date(day)),
);

function stringOf(schema: JsonSchema): Arbitrary<string> {
  const { format, pattern } = schema;
  if (format === 'date-time') return DATES.map((date) => date.toISOString());
  if (format === 'date') return DATES.map((date) => date.toISOString().slice(0, 10));
  const minLength = bound(schema, 'minLength', 0);
  const maxLength = Math.min(bound(schema, 'maxLength', 40), Math.max(minLength, 300));
  const unit = fc.constantFrom<'grapheme-ascii' | 'grapheme' | 'binary-ascii'>(
    ...(['grapheme-ascii', 'grapheme-ascii', 'grapheme', 'binary-ascii'] as const),
  );
  const any = unit.chain((chosen) => fc.string({ unit: chosen, minLength, maxLength }));
  if (typeof pattern !== 'string') return any;
  return fc.oneof({ arbitrary: matching(pattern), weight: 9 }, any);
}

function matching(pattern: string): Arbitrary<string> {
  // stringMatching does not know these.
  const plain = pattern.replaceAll(/\\p\{[LN]\}/g, 'a-z0-9').replaceAll('\\-', '\\x2d');
  return fc.stringMatching(new RegExp(plain, 'u'));
}

const FAR = 1_000_000;

function integerOf(schema: JsonSchema): Arbitrary<number> {
  const min = Math.max(bound(schema, 'minimum', -FAR), -Number.MAX_SAFE_INTEGER);
  const max = Math.min(bound(schema, 'maximum', FAR), Number.MAX_SAFE_INTEGER);
  const near = Math.min(max, Math.max(min, 0) + 10);
  return fc.oneof(fc.integer({ min, max }), fc.integer({ min: Math.max(min, Math.min(0, max)), max: near }));
}

function bound(schema: JsonSchema, name: string, otherwise: number): number {
  const value = schema[name];
  return typeof value === 'number' ? value : otherwise;
}
