import fc, { type Arbitrary } from 'fast-check';
import { hostileUrlText, kindOf } from './hostile.ts';
import type { KnownValues } from './known-values.ts';
import type { Operation, Parameter } from './openapi-operations.ts';
import { shopEvents } from './shop-events.ts';
import { headerText, type SpoilBody, spoiledBody } from './spoil.ts';
import { valuesOfSchema } from './values.ts';

export interface FuzzRequest {
  readonly operation: Operation;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | undefined;
}

/** What is made wrong about a request; in more than half of them nothing. */
type Spoil = 'nothing' | 'url' | 'header' | 'body' | 'method' | 'media type';
const SPOILS: readonly Spoil[] = [
  ...Array<Spoil>(8).fill('nothing'),
  ...Array<Spoil>(3).fill('body'),
  ...(['url', 'url', 'header', 'method', 'media type'] as const),
];

/** Requests to an operation: most as its document has them, the others spoiled in one place. */
export function requestsTo(operation: Operation, known: KnownValues): Arbitrary<FuzzRequest> {
  const parts = fc.record({
    spoil: fc.constantFrom(...SPOILS),
    at: fc.nat(),
    parameters: fc.tuple(...operation.parameters.map((parameter) => valuesOf(operation, parameter, known))),
    body: bodyOf(operation, known),
    spoilBody: spoiledBody,
    urlChoice: fc.nat(),
    headerText,
    method: fc.constantFrom('GET', 'PUT', 'PATCH', 'DELETE', 'POST', 'OPTIONS', 'HEAD'),
    mediaType: fc.constantFrom(
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=x',
      '',
    ),
  });
  return parts.map((given) => requestOf(operation, given));
}

interface Parts {
  readonly spoil: Spoil;
  readonly at: number;
  /** In the order of the operation's parameters; undefined: omitted. */
  readonly parameters: readonly (string | undefined)[];
  readonly body: unknown;
  readonly spoilBody: SpoilBody;
  readonly urlChoice: number;
  readonly headerText: string;
  readonly method: string;
  readonly mediaType: string;
}

function requestOf(operation: Operation, parts: Parts): FuzzRequest {
  const { spoil } = parts;
  const named = operation.parameters.map((parameter, i) => ({ ...parameter, value: parts.parameters[i] }));
  const spoiled = (place: Parameter['in'][]): Parameter | undefined => {
    const all = operation.parameters.filter((parameter) => place.includes(parameter.in));
    return all[parts.at % all.length];
  };
  const inUrl = spoil === 'url' ? spoiled(['path', 'query']) : undefined;
  const inHeaders = spoil === 'header' ? spoiled(['header']) : undefined;
  const textOf = ({ name, value }: Named): string | undefined =>
    name === inUrl?.name
      ? hostileUrlText(kindOf(name, value), parts.urlChoice)
      : value === undefined
        ? undefined
        : encoded(value);
  const inPlace = (place: Parameter['in']): readonly Named[] =>
    named.filter((parameter) => parameter.in === place);

  const path = inPlace('path').reduce(
    (text, parameter) => text.replace(`{${parameter.name}}`, () => textOf(parameter) ?? 'x'),
    operation.path,
  );
  const query = inPlace('query').flatMap((parameter) => {
    const text = textOf(parameter);
    return text === undefined ? [] : [`${parameter.name}=${text}`];
  });
  const headers = inPlace('header').flatMap(({ name, value }) => {
    const text = name === inHeaders?.name ? parts.headerText : value;
    return text === undefined ? [] : [[name, headerSafe(text)]];
  });
  const hasBody = operation.body !== undefined || spoil === 'body';
  const body = spoil === 'body' ? parts.spoilBody(parts.body ?? {}) : JSON.stringify(parts.body);
  const mediaType = spoil === 'media type' ? parts.mediaType : 'application/json';
  return {
    operation,
    method: spoil === 'method' ? parts.method : operation.method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: {
      ...Object.fromEntries(headers),
      ...(hasBody && mediaType !== '' ? { 'content-type': mediaType } : {}),
    },
    body: hasBody ? body : undefined,
  };
}

type Named = Parameter & { readonly value: string | undefined };

function valuesOf(
  { document, path }: Operation,
  { in: place, name, required, schema }: Parameter,
  known: KnownValues,
): Arbitrary<string | undefined> {
  const header = HEADERS[name];
  if (header !== undefined) return fc.oneof({ arbitrary: fc.constant(undefined), weight: 4 }, header);
  const text = valuesOfSchema(schema, { document, known, name: meaningOf(path, name) }).map(String);
  if (place === 'path' || required === true) return text;
  return fc.option(text, { nil: undefined, freq: 1 });
}

/** Headers whose form no schema tells. Not too many keys: some are used again, for the same and for another request. */
const HEADERS: Readonly<Record<string, Arbitrary<string>>> = {
  'if-match': fc.nat({ max: 5 }).map((version) => `"${version}"`),
  'idempotency-key': fc.nat({ max: 5_000 }).map((n) => `key-${n}`),
  prefer: fc.constant('respond-async'),
  'x-actor': fc.constantFrom('ada', 'grace'),
  'x-correlation-id': fc.constantFrom('c-1', 'c-2'),
};

/** `id` in `/orders/{id}` is called `orderId` elsewhere. */
function meaningOf(path: string, name: string): string {
  if (name !== 'id') return name;
  return path.startsWith('/orders') ? 'orderId' : 'projectionId';
}

function bodyOf(operation: Operation, known: KnownValues): Arbitrary<unknown> {
  const { body, bodyExamples, document, method, path } = operation;
  if (body === undefined) return fc.constant(undefined);
  const bySchema = valuesOfSchema(body, { document, known, name: '' });
  const example = bodyExamples.length === 0 ? [] : [fc.constantFrom(...bodyExamples)];
  if (method === 'POST' && path === '/api/events')
    return fc.oneof({ arbitrary: shopEvents(known), weight: 3 }, bySchema, ...example);
  return fc.oneof({ arbitrary: bySchema, weight: 4 }, ...example);
}

/** Half of a surrogate pair cannot be encoded as UTF-8. */
function encoded(value: string): string {
  return encodeURIComponent(value.toWellFormed());
}

/** Replaces characters that HTTP does not allow in a header. */
function headerSafe(text: string): string {
  return text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?');
}
