import type { JsonSchema } from '@headrace/event-schema';

export interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

/** One operation of one service, as its OpenAPI document describes it. */
export interface Operation {
  readonly service: string;
  readonly url: string;
  /** In upper case. */
  readonly method: string;
  /** With `{name}` for each parameter. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Schema of a JSON body; undefined if the operation takes none. */
  readonly body: JsonSchema | undefined;
  readonly bodyExamples: readonly unknown[];
  /** JSON Schema of the answers by media type, by status or `default`. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>;
  readonly document: Document;
}

/** Where a `$ref` in the schemas of an operation is looked up. */
export interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

interface OpenApiDocument extends Partial<Document> {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>;
}

interface OpenApiOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

type Content = Readonly<Record<string, MediaType>>;

interface MediaType {
  readonly schema?: JsonSchema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

/** Every operation that the services at these URLs document. */
export async function readOperations(urls: Readonly<Record<string, string>>): Promise<readonly Operation[]> {
  const all = await Promise.all(
    Object.entries(urls).map(async ([service, url]) => {
      const response = await fetch(`${url}/docs/json`);
      return operationsOf(service, url, (await response.json()) as OpenApiDocument);
    }),
  );
  return all.flat();
}

function operationsOf(service: string, url: string, document: OpenApiDocument): readonly Operation[] {
  const components = { schemas: document.components?.schemas ?? {} };
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]): Operation => {
      const json = requestBody?.content['application/json'];
      return {
        ...{ service, url, path, parameters, method: method.toUpperCase(), document: { components } },
        body: json?.schema,
        bodyExamples: examplesOf(json),
        answers: Object.fromEntries(
          Object.entries(responses).map(([status, { content = {} }]) => [status, schemasOf(content)]),
        ),
      };
    }),
  );
}

function examplesOf({ example, examples = {} }: MediaType = {}): readonly unknown[] {
  const several = Object.values(examples).map(({ value }) => value);
  return example === undefined ? several : [example, ...several];
}

function schemasOf(content: Content): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(
    Object.entries(content).map(([mediaType, { schema = {} }]) => [mediaType, schema]),
  );
}
