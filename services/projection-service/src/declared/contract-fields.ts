import { type EventContract, type JsonSchema, jsonSchemaOf } from '@headrace/event-schema';
import type { ProblemIssue } from '@headrace/service-kit';
import type { Declaration } from './declaration.ts';
import { STREAM_KEY } from './declared-projection.ts';

const KEY_TYPES = ['string', 'number', 'integer', 'boolean'];
const NUMBER_TYPES = ['number', 'integer'];

/**
 * Fields of a declaration that cannot work by the contracts of its event types: a field that they do not have, or one
 * of a type that is of no use. A contract that allows further fields rules out none.
 */
export function fieldProblems(
  { key, reduce }: Declaration,
  contracts: readonly EventContract[],
): readonly ProblemIssue[] {
  const wanted = [
    ...(key === STREAM_KEY ? [] : [{ path: 'key', field: key, types: KEY_TYPES }]),
    ...(typeof reduce === 'string' ? [] : [{ path: 'reduce.sum', field: reduce.sum, types: NUMBER_TYPES }]),
  ];
  return contracts.flatMap(({ type, schema }) => {
    const data = jsonSchemaOf(schema);
    return wanted.flatMap(({ path, field, types }): ProblemIssue[] => {
      const problem = problemAt(data, field, types);
      return problem === undefined ? [] : [{ in: 'body', path, message: `${type} ${problem}` }];
    });
  });
}

function problemAt(data: JsonSchema, path: string, types: readonly string[]): string | undefined {
  let level: readonly JsonSchema[] = alternativesOf(data);
  for (const name of path.split('.')) {
    if (level.some((schema) => isOpen(schema))) return undefined;
    const below = level.flatMap(({ properties }) => {
      const member = isSchema(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
      return isSchema(member) ? alternativesOf(member) : [];
    });
    if (below.length === 0) return `has no field "${path}"; ${knownAt(level)}`;
    level = below;
  }
  const fits = level.some(({ type }) => typeof type !== 'string' || types.includes(type));
  if (fits) return undefined;
  return `has at "${path}" no ${types === NUMBER_TYPES ? 'number' : 'text or number'}; ${knownAt(level)}`;
}

/** The alternatives of a union; any other schema alone. */
function alternativesOf(schema: JsonSchema): readonly JsonSchema[] {
  const choices = schema['anyOf'] ?? schema['oneOf'];
  return Array.isArray(choices) ? choices.filter(isSchema).flatMap(alternativesOf) : [schema];
}

/** Whether the schema allows members that it does not name. */
function isOpen({ type, properties, additionalProperties }: JsonSchema): boolean {
  if (type === 'array' || type === undefined) return true;
  if (type !== 'object') return false;
  return properties === undefined || (additionalProperties !== undefined && additionalProperties !== false);
}

function knownAt(level: readonly JsonSchema[]): string {
  const names = level.flatMap(({ properties }) => (isSchema(properties) ? Object.keys(properties) : []));
  return names.length === 0 ? 'there is nothing below' : `there is: ${[...new Set(names)].join(', ')}`;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
