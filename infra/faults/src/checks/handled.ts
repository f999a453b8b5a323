import type { EventEnvelope } from '@headrace/event-schema';

/** A trace that the handling of an event left; traces are listed in the order in which they were made. */
export interface Trace {
  readonly eventId: string;
}

/** `once`: exactly. `again`: at least; what was handled before may come again, even after what follows it. */
export type Times = 'once' | 'again';

/**
 * Every wanted event was handled, none but those, and those of one stream in their order.
 *
 * @param wanted events of one stream in their order
 */
export function checkHandled(
  who: string,
  wanted: readonly Pick<EventEnvelope, 'id' | 'stream' | 'version'>[],
  traces: readonly Trace[],
  times: Times,
): readonly string[] {
  const byId = new Map(wanted.map((event) => [event.id, event]));
  const counts = new Map<string, number>();
  const reached = new Map<string, number>();
  const violations: string[] = [];
  for (const { eventId } of traces) {
    const event = byId.get(eventId);
    if (event === undefined) {
      violations.push(`${who} handled ${eventId}, which it was not to handle`);
      continue;
    }
    const count = (counts.get(eventId) ?? 0) + 1;
    counts.set(eventId, count);
    if (count > 1) {
      if (times === 'once') violations.push(`${who} handled ${eventId} ${count} times`);
      continue;
    }
    const before = reached.get(event.stream) ?? 0;
    if (event.version < before)
      violations.push(`${who} handled version ${event.version} of ${event.stream} after version ${before}`);
    reached.set(event.stream, Math.max(before, event.version));
  }
  const lost = wanted.filter(({ id }) => !counts.has(id));
  return [
    ...violations,
    ...lost.map(({ id, stream, version }) => `${who} never handled ${id}, version ${version} of ${stream}`),
  ];
}
