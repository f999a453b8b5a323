import { storableText } from '@headrace/postgres';
import { z } from 'zod';
import { fieldPathSchema } from './field-path.ts';

const MAX_EVENT_TYPES = 50;
const ID = /^[a-z][a-z0-9_-]{0,39}$/;
const SHORT_SUM = /^sum\((.+)\)$/;

const wordSchema = z.enum(['merge', 'count']);
const sumSchema = z.strictObject({ sum: fieldPathSchema });

/** A declared projection: its event types, the field that is the key of a row, and how a row is made. */
export const declarationSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .refine((name) => name === storableText(name), 'holds characters that are none')
    .describe('for people; what was declared first stays'),
  eventTypes: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(MAX_EVENT_TYPES)
    .readonly()
    .describe('registered event types'),
  key: fieldPathSchema.describe(
    'the field of event data whose value is the key of the row, such as `userId`; `stream` for the stream of the event',
  ),
  reduce: z.union([wordSchema, sumSchema]),
});

/** In the one form that `declarationOf` gives, so that equal declarations are equal as JSON. */
export type Declaration = z.output<typeof declarationSchema>;

/** What a client sends. */
export const declarationBody = z
  .strictObject({
    projectionId: z
      .string()
      .regex(ID, 'must be 1 to 40 lower case letters, digits, _ and -, a letter first')
      .describe('names its table, its consumer group, and its query: `GET /api/queries/{projectionId}`'),
    ...declarationSchema.shape,
    reduce: z
      .union(
        [
          wordSchema,
          sumSchema,
          z.string().refine((text) => fieldPathSchema.safeParse(SHORT_SUM.exec(text)?.[1]).success),
        ],
        { error: 'must be "merge", "count" or { "sum": "<field>" }, such as { "sum": "amount.minor" }' },
      )
      .describe(
        '`merge`: the data of the events laid over each other, member by member, the newest on top, up to 1 MiB a row; `count`: how ' +
          'many events; `{ "sum": "amount.minor" }`: the sum of that field, exact. `"sum(amount.minor)"` means the same.',
      ),
  })
  .meta({
    examples: [
      {
        projectionId: 'revenue',
        name: 'Revenue by currency',
        eventTypes: ['PaymentReceived'],
        key: 'amount.currency',
        reduce: { sum: 'amount.minor' },
      },
    ],
  });

type Given = Omit<z.output<typeof declarationBody>, 'projectionId'>;

/** Brings what a client sent to its one form: event types sorted and named once, sums as an object. */
export function declarationOf({ name, eventTypes, key, reduce }: Given): Declaration {
  return declarationSchema.parse({
    name,
    eventTypes: [...new Set(eventTypes)].sort(),
    key,
    reduce: typeof reduce === 'string' ? reduceOf(reduce) : reduce,
  });
}

/** Whether a projection could have been declared under this id. */
export function isDeclarableId(id: string): boolean {
  return ID.test(id);
}

function reduceOf(text: string): unknown {
  const sum = SHORT_SUM.exec(text)?.[1];
  return sum === undefined ? text : { sum };
}
