import { isPosition } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';

/**
 * The position of the event that a causation id names, so that what is written now sorts after it; undefined where
 * the id names something else. Only an event that is there counts: a made-up position could lead the log's clock
 * astray.
 */
export async function causeOf(
  store: EventStore,
  causationId: string | undefined,
): Promise<string | undefined> {
  if (causationId === undefined || !isPosition(causationId)) return undefined;
  const event = await store.readEvent(causationId);
  return event?.position;
}
