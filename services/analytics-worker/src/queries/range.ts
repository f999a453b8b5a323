import { EARLIEST_TIME_MS, LATEST_TIME_MS } from '@headrace/event-schema';
import { DAY_MS, HOUR_MS } from '../facts/times.ts';

export type Granularity = 'hour' | 'day';

/** Business time, UTC, ms since the epoch; `toMs` is the first moment that is not in it. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RangeQuery {
  /** ISO 8601: a date or a time with its offset. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface RangeRules {
  readonly granularity: Granularity;
  readonly defaultDays: number;
  readonly maxDays: number;
}

/** A range that cannot be answered; `parameter` says which end is wrong. */
export class InvalidRangeError extends Error {
  readonly code = 'INVALID_RANGE';
  readonly parameter: 'from' | 'to';
  constructor(parameter: 'from' | 'to', message: string) {
    super(message);
    this.name = 'InvalidRangeError';
    this.parameter = parameter;
  }
}

const STEP_MS: Readonly<Record<Granularity, number>> = { hour: HOUR_MS, day: DAY_MS };

/**
 * The whole hours, or days, that the asked range touches. Without `to` it ends with the present one, without
 * `from` it has the default length.
 * @throws InvalidRangeError when it is empty, too long, or out of the calendar
 */
export function boundedRange(query: RangeQuery, rules: RangeRules, nowMs: number): TimeRange {
  const stepMs = STEP_MS[rules.granularity];
  const toMs = roundUp(momentOf('to', query.to) ?? nowMs + 1, stepMs);
  const fromMs = roundDown(momentOf('from', query.from) ?? defaultFrom(toMs, rules), stepMs);
  assertNotEmpty(fromMs, toMs);
  if (toMs - fromMs > rules.maxDays * DAY_MS) {
    throw new InvalidRangeError('from', `the range must not be longer than ${rules.maxDays} days`);
  }
  return { fromMs, toMs };
}

/**
 * The whole hours that the asked range touches; an end that is not given is open.
 * @throws InvalidRangeError when it is empty or out of the calendar
 */
export function openRange(query: RangeQuery): Partial<TimeRange> {
  const from = momentOf('from', query.from);
  const to = momentOf('to', query.to);
  const range = {
    ...(from === undefined ? {} : { fromMs: roundDown(from, HOUR_MS) }),
    ...(to === undefined ? {} : { toMs: roundUp(to, HOUR_MS) }),
  };
  if (range.fromMs !== undefined && range.toMs !== undefined) assertNotEmpty(range.fromMs, range.toMs);
  return range;
}

/** Starts of the hours or days in a range. */
export function stepsOf({ fromMs, toMs }: TimeRange, granularity: Granularity): readonly number[] {
  const stepMs = STEP_MS[granularity];
  return Array.from({ length: (toMs - fromMs) / stepMs }, (_, step) => fromMs + step * stepMs);
}

function defaultFrom(toMs: number, { defaultDays }: RangeRules): number {
  return Math.max(EARLIEST_TIME_MS, toMs - defaultDays * DAY_MS);
}

function momentOf(parameter: 'from' | 'to', text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = Date.parse(text);
  if (ms >= EARLIEST_TIME_MS && ms <= LATEST_TIME_MS) return ms;
  throw new InvalidRangeError(parameter, 'must lie between the years 1 and 9998');
}

function assertNotEmpty(fromMs: number, toMs: number): void {
  if (fromMs >= toMs) throw new InvalidRangeError('to', 'must be later than `from`');
}

function roundDown(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}

function roundUp(ms: number, stepMs: number): number {
  return Math.ceil(ms / stepMs) * stepMs;
}
