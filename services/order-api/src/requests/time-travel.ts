import { InvalidRequestError } from '@headrace/service-kit';
import { z } from 'zod';

/** A point in an order's past: a version from 1 up, or a moment. */
export type Point = { readonly version: number } | { readonly ms: number };

const VERSION = /^[1-9]\d{0,14}$/;
const versionText = z.string().regex(VERSION, 'must be a version from 1 up').transform(Number);
const timeText = z.iso
  .datetime({ offset: true, error: 'must be a time as in 2026-01-15T14:00:00Z' })
  .transform((text) => Date.parse(text));

const pointText = z
  .string()
  .max(40)
  .transform((text, context): Point => {
    if (VERSION.test(text)) return { version: Number(text) };
    const ms = timeText.safeParse(text);
    if (ms.success) return { ms: ms.data };
    context.addIssue({
      code: 'custom',
      message: 'must be a version from 1 up, or a time as in 2026-01-15T14:00:00Z',
    });
    return z.NEVER;
  });

export const stateQuery = z.strictObject({
  version: versionText.optional().describe('the order as it was at this version'),
  at: timeText.optional().describe('the order as it was at this time, ISO 8601 with Z or an offset'),
});

export const historyQuery = z.strictObject({
  from: pointText.optional().describe('first version or time, inclusive'),
  to: pointText.optional().describe('last version or time, inclusive'),
});

/**
 * The one point that a query for a state names; undefined for now.
 * @throws InvalidRequestError for both at once
 */
export function pointOf({ version, at }: z.output<typeof stateQuery>): Point | undefined {
  if (version !== undefined && at !== undefined) {
    throw new InvalidRequestError([{ in: 'query', path: 'at', message: 'cannot go with version' }]);
  }
  if (version !== undefined) return { version };
  return at === undefined ? undefined : { ms: at };
}

/** The range in the terms of the store; versions and times may be mixed. */
export function rangeOf({ from, to }: z.output<typeof historyQuery>) {
  return { ...boundOf(from, 'fromVersion', 'fromMs'), ...boundOf(to, 'toVersion', 'untilMs') };
}

function boundOf<Version extends string, Ms extends string>(
  point: Point | undefined,
  version: Version,
  ms: Ms,
): Partial<Record<Version | Ms, number>>;
function boundOf(point: Point | undefined, version: string, ms: string): Record<string, number> {
  if (point === undefined) return {};
  return 'version' in point ? { [version]: point.version } : { [ms]: point.ms };
}
