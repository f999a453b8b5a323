/**
 * Which time of an event a question about the past goes by. `recorded`: when it was stored; so it asks what was known
 * at a time. `occurred`: business time, `occurredAt`; so it asks what had happened by a time.
 */
export const TIMELINES = ['recorded', 'occurred'] as const;
export type Timeline = (typeof TIMELINES)[number];
