import { createRegistry, defineEvent } from '@headrace/event-schema';
import { z } from 'zod';

/** Knows the one event type that the tests append with `say`. */
export const orderRegistry = createRegistry([
  defineEvent({
    type: 'OrderDelivered',
    category: 'order',
    description: 'The goods reached the customer.',
    schema: z.strictObject({
      orderId: z.string(),
      userId: z.string(),
      signature: z.string().exactOptional(),
    }),
  }),
]);
