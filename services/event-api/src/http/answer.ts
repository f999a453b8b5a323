import { z } from 'zod';

/** What every success of this API looks like. */
export interface Success<Data> {
  readonly success: true;
  readonly data: Data;
}

/** The schema of a success with this data. */
export function successOf<Schema extends z.ZodType>(data: Schema) {
  return z.object({ success: z.literal(true), data });
}

/** Wraps what a route has to say. */
export function success<const Data>(data: Data): Success<Data> {
  return { success: true, data };
}
