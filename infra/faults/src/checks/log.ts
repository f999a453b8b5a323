import type { EventEnvelope, Fold } from '@headrace/event-schema';
import { ORDER_CATEGORY, type OrderEvent } from '@headrace/shop';
import type { Evidence } from '../evidence/evidence.ts';

/** The log as one list; events of one stream stay in their order. */
export function eventsOf({ log }: Pick<Evidence, 'log'>): readonly EventEnvelope[] {
  return log.flat();
}

export type OrderEnvelope = EventEnvelope & OrderEvent;

/** The same of orders alone. */
export function orderEventsOf(evidence: Pick<Evidence, 'log'>): readonly OrderEnvelope[] {
  return eventsOf(evidence).filter(
    (event): event is OrderEnvelope => event.category === ORDER_CATEGORY && event.unreadable === undefined,
  );
}

/** The state of every stream that has one. */
export function foldByStream<State, Event extends { readonly type: string; readonly data: object }>(
  { initialState, evolve }: Fold<State | null, Event>,
  events: readonly (EventEnvelope & Event)[],
): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  for (const event of events) {
    const next = evolve(states.get(event.stream) ?? initialState, event, event);
    if (next !== null) states.set(event.stream, next);
  }
  return states;
}

/** Versions of every stream are 1, 2, 3, …, no id is there twice, and the index says what the log says. */
export function checkLog({ log, verified }: Pick<Evidence, 'log' | 'verified'>): readonly string[] {
  const violations = verified.flatMap(({ partition, problems }) =>
    problems.map((problem) => `index of partition ${partition}: ${problem}`),
  );
  const versions = new Map<string, number>();
  const ids = new Set<string>();
  for (const { id, stream, version } of log.flat()) {
    const expected = (versions.get(stream) ?? 0) + 1;
    if (version !== expected) violations.push(`${stream}: version ${version} follows ${expected - 1}`);
    versions.set(stream, version);
    if (ids.has(id)) violations.push(`event ${id} is in the log twice`);
    ids.add(id);
  }
  return violations;
}
