import { shopRegistry } from '@headrace/shop';
import { COUNTED_EVENT_TYPES, factOf, type OrderFact } from '../src/facts/order-fact.ts';
import { randomHistories } from './order-histories.ts';

/** The facts of random histories, as they would be read from the log, mixed but in order for each stream. */
export function randomFacts(seed: number, orders: number): readonly OrderFact[] {
  const types: readonly string[] = COUNTED_EVENT_TYPES;
  const histories = randomHistories(seed, orders);
  const longest = Math.max(...histories.map(({ events }) => events.length));
  return Array.from({ length: longest }, (_, index) =>
    histories.flatMap(({ stream, events }) => {
      const event = events[index];
      if (event === undefined || !types.includes(event.type)) return [];
      const { schemaVersion = shopRegistry.contractOf(event.type)?.versions.length ?? 1 } = event;
      const fact = factOf(
        shopRegistry.decode({
          ...{ stream, type: event.type, schemaVersion, position: `0-1-${index}`, version: index + 1 },
          data: JSON.stringify(event.data),
          meta: JSON.stringify({ occurredAt: event.occurredAt }),
        }),
      );
      return fact === null ? [] : [fact];
    }),
  ).flat();
}
