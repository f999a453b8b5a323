import type { JsonSchema } from '@headrace/event-schema';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { Operation } from './openapi-operations.ts';
import type { FuzzRequest } from './requests.ts';
import type { Answer } from './send.ts';

/** The answer to `wait_for` an event that does not come in time; not a failure of the service. */
const NOT_IN_TIME = 504;

/** Checks answers against the OpenAPI documents. */
export class AnswerChecker {
  readonly #operations: readonly Operation[];
  readonly #validators = new Map<JsonSchema, ValidateFunction>();

  /** @param operations of all services */
  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
  }

  /** What is wrong with an answer; undefined if nothing is. */
  faultOf(request: FuzzRequest, answer: Answer): string | undefined {
    const { method, target } = request;
    const { status, body } = answer;
    if (status >= 500 && !(status === NOT_IN_TIME && target.includes('wait_for=')))
      return `answered ${status}`;
    if (method === 'HEAD' || status === 204) return body === '' ? undefined : `${status} with a body`;
    const operation = this.#operationOf(request);
    // The OpenAPI document itself, a page, or another undocumented path.
    if (operation === undefined && status < 400) return undefined;
    return this.#faultOfContent(request, operation?.answers[status], answer);
  }

  #faultOfContent(
    { operation }: FuzzRequest,
    documented: Operation['answers'][string] | undefined,
    { status, headers, body }: Answer,
  ): string | undefined {
    const mediaType = String(headers['content-type']).split(';')[0] ?? '';
    const schema = (documented ?? operation.answers['default'])?.[mediaType];
    if (schema === undefined) return `${status} with the media type "${mediaType}", which is not documented`;
    return this.#faultOfBody(operation, schema, body);
  }

  /** Because of a value in its path, or another method, a request may reach another operation than intended. */
  #operationOf({ operation: { service }, method, target }: FuzzRequest): Operation | undefined {
    const path = target.split('?')[0] ?? '';
    const fitting = this.#operations.filter(
      (operation) =>
        operation.service === service && operation.method === method && fits(operation.path, path),
    );
    return fitting.toSorted((a, b) => placeholdersIn(a.path) - placeholdersIn(b.path))[0];
  }

  #faultOfBody(operation: Operation, schema: JsonSchema, body: string): string | undefined {
    let json: unknown;
    try {
      json = JSON.parse(body);
    } catch {
      return 'a body that is no JSON';
    }
    const validate = this.#validatorOf(operation, schema);
    if (validate(json)) return undefined;
    const errors = (validate.errors ?? []).slice(0, 5);
    return `a body that is not as documented: ${errors.map(({ instancePath, message }) => `${instancePath || 'it'} ${message}`).join('; ')}`;
  }

  #validatorOf({ document }: Operation, schema: JsonSchema): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known !== undefined) return known;
    // Not strict: OpenAPI has members, such as `examples`, that JSON Schema does not know.
    const ajv = new Ajv2020({ strict: false, allErrors: false });
    addFormats.default(ajv);
    const validate = ajv.compile({ ...schema, components: document.components });
    this.#validators.set(schema, validate);
    return validate;
  }
}

function fits(template: string, path: string): boolean {
  const parts = template.split('/');
  const given = path.split('/');
  return parts.length === given.length && parts.every((part, i) => part.startsWith('{') || part === given[i]);
}

function placeholdersIn(template: string): number {
  return template.split('{').length - 1;
}
