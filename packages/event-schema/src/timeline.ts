/**
 * Which time of an event a query about the past refers to. `recorded`: when it was stored, so what was known at a time.
 * `occurred`: business time, `occurredAt`, so what had happened by a time.
 */
export const TIMELINES = ['recorded', 'occurred'] as const;
export type Timeline = (typeof TIMELINES)[number];
