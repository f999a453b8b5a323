import type { EventContract } from './contract.ts';
import { type JsonSchema, jsonSchemaOf } from './json-schema.ts';

export interface AsyncApiInfo {
  readonly title: string;
  readonly version: string;
}

export interface AsyncApiMessage {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly contentType: string;
  readonly headers: { readonly $ref: string };
  readonly payload: { readonly $ref: string };
  readonly tags: readonly { readonly name: string }[];
}

/** The parts of an AsyncAPI 3.0 document that Headrace uses (https://www.asyncapi.com/docs/reference/specification/v3.0.0). */
export interface AsyncApiDocument {
  readonly asyncapi: '3.0.0';
  readonly info: AsyncApiInfo & { readonly description: string };
  readonly defaultContentType: string;
  readonly channels: Readonly<Record<string, JsonSchema>>;
  readonly operations: Readonly<Record<string, JsonSchema>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly messages: Readonly<Record<string, AsyncApiMessage>>;
  };
}

const CONTENT_TYPE = 'application/json';

/** The fields of a log entry without `data`, which is the payload. */
const ENTRY_HEADERS: JsonSchema = {
  type: 'object',
  required: ['stream', 'version', 'type', 'schema', 'meta'],
  properties: {
    stream: { type: 'string', description: 'The aggregate whose event this is.' },
    version: { type: 'integer', minimum: 1, description: "The event's place in its stream." },
    type: { type: 'string', description: 'The event type, the name of the message.' },
    schema: { type: 'integer', minimum: 1, description: 'Version of the contract that the payload follows.' },
    meta: { type: 'object', description: 'Correlation, causation, actor, trace context, business time.' },
  },
};

/** Describes the log as one channel, with a message for each event type at its newest version. */
export function asyncApiOf(contracts: readonly EventContract[], info: AsyncApiInfo): AsyncApiDocument {
  const sorted = contracts.toSorted((a, b) => (a.type < b.type ? -1 : 1));
  const byType = <Value>(describe: (contract: EventContract) => Value): Record<string, Value> =>
    Object.fromEntries(sorted.map((contract) => [contract.type, describe(contract)]));
  const channel = { $ref: '#/channels/log' };
  return {
    asyncapi: '3.0.0',
    info: {
      ...info,
      description: 'Every event, in the newest version of its contract, as readers get it after upcasting.',
    },
    defaultContentType: CONTENT_TYPE,
    channels: {
      log: {
        address: 'headrace:{partition}:log',
        description: 'One log, stored as a Redis stream for each partition.',
        parameters: { partition: { description: 'Hash tag of the partition, such as 0.1' } },
        messages: byType(({ type }) => ({ $ref: `#/components/messages/${type}` })),
      },
    },
    operations: {
      appendEvents: { action: 'send', channel, summary: 'Append events to streams.' },
      consumeEvents: { action: 'receive', channel, summary: 'Consume events as a member of a group.' },
    },
    components: {
      schemas: { LogEntryHeaders: ENTRY_HEADERS, ...byType(payloadOf) },
      messages: byType(messageOf),
    },
  };
}

/** AsyncAPI's schema dialect is a superset of draft 7; it is named by the document, not by each schema. */
function payloadOf({ schema }: EventContract): JsonSchema {
  const { $schema: _, ...payload } = jsonSchemaOf(schema, 'draft-7');
  return payload;
}

function messageOf({ type, category, description, versions }: EventContract): AsyncApiMessage {
  return {
    name: type,
    title: `${type}, version ${versions.length}`,
    summary: description,
    contentType: CONTENT_TYPE,
    headers: { $ref: '#/components/schemas/LogEntryHeaders' },
    payload: { $ref: `#/components/schemas/${type}` },
    tags: [{ name: category }],
  };
}
