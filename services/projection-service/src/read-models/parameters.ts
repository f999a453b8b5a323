import { cursorOf } from '@headrace/service-kit';
import { z } from 'zod';
import { commonParameters, limitUpTo } from '../queries/parameters.ts';
import type { FindQuery, ListQuery, ReadModel } from './define-read-model.ts';

/** The parameters of the query that finds one row. */
export function findParametersOf({ find, noun }: Pick<ReadModel<unknown>, 'find' | 'noun'>) {
  return z.strictObject({ ...idOf(find, `the ${noun}`), ...commonParameters });
}

/** The parameters of the query that lists rows. */
export function listParametersOf({ list }: Pick<ReadModel<unknown>, 'list'>) {
  return z.strictObject({ ...filtersOf(list), ...pageParametersOf(list), ...commonParameters });
}

/** The parameters of one query that does both. */
export function findOrListParametersOf({
  find,
  list,
  noun,
}: Pick<ReadModel<unknown>, 'find' | 'list' | 'noun'>) {
  const others = [...Object.keys(list.filters), 'cursor'];
  return z
    .strictObject({
      ...idOf({ ...find, schema: find.schema.optional() }, `one ${noun}; stands alone`),
      ...filtersOf(list),
      ...pageParametersOf(list),
      ...commonParameters,
    })
    .refine((query) => idIn(query, find) === undefined || others.every((name) => isAbsent(query, name)), {
      path: [find.parameter],
      message: `names one ${noun}; leave out ${new Intl.ListFormat('en-GB').format(others)}`,
    });
}

/** The id that a query names. */
export function idIn(query: object, { parameter }: Pick<FindQuery, 'parameter'>): string | undefined {
  const id: unknown = Reflect.get(query, parameter);
  return typeof id === 'string' ? id : undefined;
}

// typed as `object`, since a name that is only known at run time would hide the types of the other parameters
function idOf({ parameter, schema }: { parameter: string; schema: z.ZodType }, description: string): object {
  return { [parameter]: schema.describe(description) };
}

function filtersOf({ filters }: ListQuery): object {
  return Object.fromEntries(Object.entries(filters).map(([name, { schema }]) => [name, schema]));
}

function pageParametersOf({ order }: ListQuery) {
  return { limit: limitUpTo(200, 50), cursor: cursorOf(order.cursor).optional() };
}

function isAbsent(query: object, name: string): boolean {
  return Reflect.get(query, name) === undefined;
}
