import { TIMELINES } from '@headrace/event-schema';
import { InvalidRequestError } from '@headrace/service-kit';
import { z } from 'zod';
import { HISTORY_PAGE } from '../history/page.ts';

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

const timeline = z
  .enum(TIMELINES)
  .optional()
  .describe(
    'the time that times go by. `recorded`, the default: what was known then. `occurred`: what had happened by then, ' +
      'in business time; an event counts once it and all before it in the order have occurred',
  );

export const stateQuery = z
  .strictObject({
    version: versionText.optional().describe('the order as it was at this version'),
    at: timeText.optional().describe('the order as it was at this time, ISO 8601 with Z or an offset'),
    by: timeline,
  })
  .refine(({ at, by }) => by === undefined || at !== undefined, { path: ['by'], message: 'goes with at' });

const LIMIT = `must be a whole number from 1 to ${HISTORY_PAGE.events}`;

const limitText = z
  .string()
  .regex(/^\d{1,6}$/, LIMIT)
  .transform(Number)
  .pipe(z.number().min(1, LIMIT).max(HISTORY_PAGE.events, LIMIT));

export const historyQuery = z
  .strictObject({
    from: pointText.optional().describe('first version or time, inclusive'),
    to: pointText.optional().describe('last version or time, inclusive'),
    by: timeline,
    limit: limitText
      .optional()
      .describe(
        `events at most, 1 to ${HISTORY_PAGE.events}, which is the default. Large events make a page shorter`,
      ),
  })
  .refine(({ from, to, by }) => by === undefined || [from, to].some(isMoment), {
    path: ['by'],
    message: 'goes with a time in from or to',
  });

function isMoment(point: Point | undefined): boolean {
  return point !== undefined && 'ms' in point;
}

export type HistoryQuery = z.output<typeof historyQuery>;

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

/** The query of the page that begins with version `from`, relative to the path of this one. */
export function nextQuery({ to, by, limit = HISTORY_PAGE.events }: HistoryQuery, from: number): string {
  const end = to === undefined ? {} : { to: textOf(to), ...(by !== undefined && isMoment(to) ? { by } : {}) };
  return `?${new URLSearchParams({ from: String(from), ...end, limit: String(limit) })}`;
}

function textOf(point: Point): string {
  return 'version' in point ? String(point.version) : new Date(point.ms).toISOString();
}
