import { describeContracts, type JsonSchema } from '@headrace/event-schema';
import { shopContracts } from '@headrace/shop';
import fc, { type Arbitrary } from 'fast-check';
import type { KnownValues } from './known-values.ts';
import { valuesOfSchema } from './values.ts';

const ID_FIELDS: Readonly<Record<string, string>> = {
  order: 'orderId',
  account: 'accountId',
  user: 'userId',
};
const NO_REFERENCES = { components: { schemas: {} } };

/** Bodies of `POST /api/events` with events that have a contract, of one order, account or user. */
export function shopEvents(known: KnownValues): Arbitrary<object> {
  const contracts = Object.entries(describeContracts(shopContracts)).map(
    ([type, { category, versions }]) => ({
      type,
      category,
      schema: Object.values(versions).at(-1) ?? {},
    }),
  );
  const bodies = Object.entries(ID_FIELDS).map(([category, idField]) => {
    const ofCategory = contracts.filter((contract) => contract.category === category);
    const events = fc.array(fc.oneof(...ofCategory.map(({ type, schema }) => eventOf(type, schema, known))), {
      minLength: 1,
      maxLength: 4,
    });
    const id = valuesOfSchema({ type: 'string', pattern: '^[a-z0-9]{1,2}$' }, placeOf(known, idField));
    return fc.tuple(id, events).map(([given, list]) => ({
      streamId: `${category}:${given}`,
      events: list.map(({ eventType, eventData }) => ({
        eventType,
        eventData: { ...eventData, [idField]: String(given) },
      })),
    }));
  });
  return fc.oneof(...bodies);
}

function eventOf(
  eventType: string,
  schema: JsonSchema,
  known: KnownValues,
): Arbitrary<{ readonly eventType: string; readonly eventData: object }> {
  return valuesOfSchema(schema, placeOf(known, '')).map((eventData) => ({
    eventType,
    eventData: eventData as object,
  }));
}

function placeOf(known: KnownValues, name: string) {
  return { document: NO_REFERENCES, known, name };
}
