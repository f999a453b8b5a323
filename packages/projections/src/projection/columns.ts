import { storableText } from '@headrace/postgres';

/**
 * A column of a read model: how it is declared in SQL, and what a row may hold in it. `canonical` brings a value
 * to exactly what the database gives back, so that a fold goes on the same from memory as from the table.
 */
export interface Column<Value = unknown> {
  /** SQL type. */
  readonly type: string;
  /** SQL type that values travel as. */
  readonly sentAs: string;
  readonly nullable: boolean;
  /** @throws TypeError for a value that is none of this column's */
  readonly canonical: (value: unknown) => Value;
  /** What is sent to the server for a canonical value. */
  readonly encode: (value: unknown) => unknown;
}

/** The row that columns make up. */
export type RowOf<Columns extends Readonly<Record<string, Column>>> = {
  readonly [Name in keyof Columns]: Columns[Name] extends Column<infer Value> ? Value : never;
};

const asItIs = (value: unknown): unknown => value;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

function define<Value>(
  type: string,
  is: (value: unknown) => value is Value,
  encode: (value: unknown) => unknown = asItIs,
): Column<Value> {
  const canonical = (value: unknown): Value => {
    if (is(value)) return value;
    throw new TypeError(`${JSON.stringify(value) ?? String(value)} is no ${type}`);
  };
  return { type, sentAs: type, nullable: false, canonical, encode };
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const WHOLE = /^-?(?:0|[1-9]\d*)$/;
const isText = (value: unknown): value is string => typeof value === 'string';
const isMoment = (value: unknown): value is Date => value instanceof Date && !Number.isNaN(value.getTime());
const text = define('text', isText);

/** Said in UTC, since pg rounds the offsets that time zones had long ago; ISO 8601 has four digits for years. */
function encodeMoment(value: unknown): unknown {
  const iso = isMoment(value) ? value.toISOString() : '';
  return iso.length === 24 ? iso : value;
}

/** JSON of any shape; what is none becomes what `JSON.stringify` makes of it. */
function json<Value>(type: 'json' | 'jsonb'): Column<Value> {
  return {
    type,
    sentAs: 'text',
    nullable: false,
    canonical: (value) => {
      const encoded = JSON.stringify(value);
      if (encoded === undefined) throw new TypeError(`${String(value)} is no ${type}`);
      // jsonb, unlike json, refuses the characters that text cannot hold, even escaped
      const refused = type === 'jsonb' && /\\u(0000|d[89a-f])/.test(encoded);
      const stored: unknown = JSON.parse(encoded);
      return (refused ? storableJson(stored) : stored) as Value;
    },
    encode: (value) => JSON.stringify(value),
  };
}

function storableJson(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableJson);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [storableText(name), storableJson(member)]),
  );
}

/**
 * The column types of read models. Whole numbers are JavaScript numbers up to 2^53 − 1, also in `bigint`; in `numeric`
 * they are text such as `-12` and have no bound, for sums (`addWhole`);
 * `timestamptz` is a Date, `date` is text such as `2026-01-31`; `jsonb` can be searched, `json` keeps the order
 * of members and every character as they were.
 */
export const column = {
  text: { ...text, canonical: (value: unknown): string => storableText(text.canonical(value)) },
  integer: define('integer', (value): value is number => isWhole(value) && Math.abs(value) < 2 ** 31),
  bigint: define('bigint', isWhole),
  numeric: define('numeric', (value): value is string => isText(value) && WHOLE.test(value)),
  boolean: define('boolean', (value): value is boolean => typeof value === 'boolean'),
  timestamptz: define('timestamptz', isMoment, encodeMoment),
  date: define('date', (value): value is string => isText(value) && DAY.test(value)),
  json: <Value>(): Column<Value> => json<Value>('json'),
  jsonb: <Value>(): Column<Value> => json<Value>('jsonb'),
} as const;

/** A sum in a `numeric` column with a whole number added. */
export function addWhole(sum: string, number: number): string {
  return String(BigInt(sum) + BigInt(number));
}

/** The same column, which may be null; a missing value is null too. */
export function nullable<Value>(column: Column<Value>): Column<Value | null> {
  return {
    ...column,
    nullable: true,
    canonical: (value) => (value === null || value === undefined ? null : column.canonical(value)),
    encode: (value) => (value === null ? null : column.encode(value)),
  };
}
