import { definedOnly } from '@headrace/event-schema';
import { type OrderState, orderView } from '@headrace/shop';
import { z } from 'zod';
import { LATEST_EVENTS, type LatestHistory } from '../history/latest.ts';

export const orderSchema = orderView.schema
  .extend({
    history: z
      .array(z.object({ type: z.string(), timestamp: z.string(), eventId: z.string() }))
      .describe(
        `its last ${LATEST_EVENTS} events, oldest first; all are at /orders/{id}/history, page by page`,
      ),
    hasEarlierHistory: z
      .literal(true)
      .optional()
      .describe(`there where the order has more than ${LATEST_EVENTS} events`),
  })
  .meta({ id: 'Order', description: 'An order as its events add up; money as decimal numbers' });

/** An order with its latest history. */
export type PresentedOrder = z.output<typeof orderSchema>;

/** `version` is the stream's, which may hold events that the fold does not know. */
export function presentOrder(
  state: OrderState,
  version: number,
  { entries, hasEarlier }: LatestHistory,
): PresentedOrder {
  return {
    ...orderView.present(state),
    version,
    history: [...entries],
    ...definedOnly({ hasEarlierHistory: hasEarlier ? (true as const) : undefined }),
  };
}
