import type { HandleResult } from '@headrace/event-store';
import { type OrderState, orderStatusSchema } from '@headrace/shop';
import { z } from 'zod';

export const orderAnswerSchema = z
  .object({
    orderId: z.string(),
    status: orderStatusSchema,
    version: z.int().describe("the stream's version after this write, also in ETag"),
    eventId: z.string().describe('id of the last event that this write appended; what `wait_for` takes'),
  })
  .meta({
    id: 'OrderAnswer',
    examples: [{ orderId: '6f1c…', status: 'placed', version: 1, eventId: '3-1732150000000-0' }],
  });

/** What a write did, whether it was asked for by HTTP or by a durable command. */
export type OrderAnswer = z.output<typeof orderAnswerSchema>;

/** Tells of the version that the write led to, so that a repeat under its key gets the very same answer. */
export function orderAnswer({
  stream,
  state,
  version,
  positions,
}: HandleResult<OrderState | null>): OrderAnswer {
  const eventId = positions.at(-1);
  if (state === null || eventId === undefined) throw new Error(`a write to ${stream} left no order`);
  return { orderId: state.orderId, status: state.status, version, eventId };
}
