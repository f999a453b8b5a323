import { z } from 'zod';

const MAX_PATH_LENGTH = 200;
/** Up to eight names, between dots; an item of an array by its number. */
const PATH = /^[\p{L}\p{N}_$@:-]+(?:\.[\p{L}\p{N}_$@:-]+){0,7}$/u;

/** Where a field is in event data: `amount.minor`. */
export const fieldPathSchema = z
  .string()
  .max(MAX_PATH_LENGTH)
  .regex(PATH, 'must be field names with dots between them, such as amount.minor');

/** What is at a path; undefined where there is nothing. */
export function fieldAt(data: unknown, path: string): unknown {
  let value = data;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = Reflect.get(value, name);
  }
  return value;
}
