import { createRegistry, defineEvent } from '@headrace/event-schema';
import { z } from 'zod';

/** Knows the event that the tests' handlers take; everything else is unreadable. */
export const registry = createRegistry([
  defineEvent({
    type: 'OrderDelivered',
    category: 'order',
    description: 'what a handler takes',
    schema: z.strictObject({
      orderId: z.string(),
      userId: z.string(),
      signature: z.string().exactOptional(),
    }),
  }),
]);
