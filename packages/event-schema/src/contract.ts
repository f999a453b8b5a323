import type { z } from 'zod';
import { assertCategory } from './stream-name.ts';

/** One problem found in event data; `path` is dotted, empty for the whole. */
export interface ContractIssue {
  readonly path: string;
  readonly message: string;
}

/** Carries data one version up. Pure, and total over everything the version below accepts. */
export type Upcaster = (data: never) => unknown;

/**
 * All versions of one event type, oldest first: `versions[0]` is version 1. Each later version brings the
 * upcaster that carries data of the version below to it.
 */
export interface EventContract<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly category: string;
  readonly description: string;
  readonly versions: readonly ContractVersion[];
  /** Schema of the newest version: what writers must satisfy. */
  readonly schema: z.ZodType<Data>;
}

export interface ContractVersion {
  readonly schema: z.ZodType;
  /** Absent on version 1 only. */
  readonly upcast?: Upcaster;
}

/** The data type of a contract's newest version. */
export type DataOf<C> = C extends EventContract<string, infer Data> ? Data : never;
/** The `{ type, data }` pair of a contract: what deciders emit and folds receive. */
export type EventOf<C> =
  C extends EventContract<infer Type, infer Data> ? { readonly type: Type; readonly data: Data } : never;

interface FirstVersion<Type extends string, Data> {
  readonly type: Type;
  readonly category: string;
  readonly description: string;
  readonly schema: z.ZodType<Data>;
}

/**
 * Declares an event type that has had one version so far.
 * @throws InvalidCategoryError for a category that no stream can have
 */
export function defineEvent<const Type extends string, Data>(
  definition: FirstVersion<Type, Data>,
): EventContract<Type, Data> {
  assertCategory(definition.category, `event ${definition.type}`);
  return { ...definition, versions: [{ schema: definition.schema }] };
}

/**
 * Adds the next version to a contract. `upcast` receives data that satisfies the version below and must
 * return data that satisfies `schema`, without looking anything up.
 */
export function nextVersion<const Type extends string, Before, Data>(
  contract: EventContract<Type, Before>,
  schema: z.ZodType<Data>,
  upcast: (data: Before) => Data,
): EventContract<Type, Data> {
  return { ...contract, schema, versions: [...contract.versions, { schema, upcast: upcast as Upcaster }] };
}
