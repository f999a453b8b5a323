import type { z } from 'zod';
import { assertCategory } from './stream-name.ts';

/** A command that may be sent as a durable message to the service that owns its category. */
export interface CommandContract<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly category: string;
  readonly description: string;
  readonly schema: z.ZodType<Data>;
  /**
   * The stream that the command is about; its partition is where the command waits.
   * @throws InvalidStreamNameError
   */
  readonly streamOf: (data: Data) => string;
}

/** The `{ type, data }` pair of a command contract. */
export type CommandOf<C> =
  C extends CommandContract<infer Type, infer Data> ? { readonly type: Type; readonly data: Data } : never;

/** @throws InvalidCategoryError for a category that no stream can have */
export function defineCommand<const Type extends string, Data>(
  definition: CommandContract<Type, Data>,
): CommandContract<Type, Data> {
  assertCategory(definition.category, `command ${definition.type}`);
  return definition;
}
