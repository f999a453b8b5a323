import { z } from 'zod';
import type { EventContract } from './contract.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

/** `draft-7` for tools that know no later one, such as AsyncAPI. */
export type JsonSchemaDialect = 'draft-2020-12' | 'draft-7';

/** One event type as JSON Schema: `versions['1']` is version 1. */
export interface ContractDescription {
  readonly category: string;
  readonly versions: Readonly<Record<string, JsonSchema>>;
}

/** Contracts by event type. */
export type ContractDescriptions = Readonly<Record<string, ContractDescription>>;

/** JSON Schema of event data as writers give it, as plain JSON. */
export function jsonSchemaOf(schema: z.ZodType, dialect: JsonSchemaDialect = 'draft-2020-12'): JsonSchema {
  // `input`: as output, a schema that lets unknown fields in looks the same as one that refuses them.
  const described = z.toJSONSchema(schema, { target: dialect, io: 'input' });
  // Through JSON text, to drop what zod attaches to its schemas beside their content.
  return JSON.parse(JSON.stringify(described));
}

/** JSON Schema of every version of every contract, by type and version; types in alphabetical order. */
export function describeContracts(contracts: readonly EventContract[]): ContractDescriptions {
  const entries = contracts.map((contract): [string, ContractDescription] => [
    contract.type,
    { category: contract.category, versions: describeVersions(contract) },
  ]);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function describeVersions({ versions }: EventContract): Record<string, JsonSchema> {
  return Object.fromEntries(versions.map(({ schema }, index) => [String(index + 1), jsonSchemaOf(schema)]));
}
