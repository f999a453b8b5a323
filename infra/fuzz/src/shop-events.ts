import { describeContracts, type JsonSchema } from '@headrace/event-schema';
import { shopContracts } from '@headrace/shop';
import fc, { type Arbitrary } from 'fast-check';
import type { Memory } from './memory.ts';
import { valuesOfSchema } from './values.ts';

const ID_FIELDS: Readonly<Record<string, string>> = {
  order: 'orderId',
  account: 'accountId',
  user: 'userId',
};
const NO_REFERENCES = { components: { schemas: {} } };

/** Bodies of `POST /api/events` with events that have a contract, of one order, account or user. */
export function shopEvents(memory: Memory): Arbitrary<object> {
  const contracts = Object.entries(describeContracts(shopContracts)).map(
    ([type, { category, versions }]) => ({
      type,
      category,
      schema: Object.values(versions).at(-1) ?? {},
    }),
  );
  const bodies = Object.entries(ID_FIELDS).map(([category, idField]) => {
    const ofCategory = contracts.filter((contract) => contract.category === category);
    const events = fc.array(
      fc.oneof(...ofCategory.map(({ type, schema }) => eventOf(type, schema, memory))),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    const id = valuesOfSchema({ type: 'string', pattern: '^[a-z0-9]{1,2}$' }, placeOf(memory, idField));
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
  memory: Memory,
): Arbitrary<{ readonly eventType: string; readonly eventData: object }> {
  return valuesOfSchema(schema, placeOf(memory, '')).map((eventData) => ({
    eventType,
    eventData: eventData as object,
  }));
}

function placeOf(memory: Memory, name: string) {
  return { document: NO_REFERENCES, memory, name };
}
