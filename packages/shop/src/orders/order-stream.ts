import { streamOf } from '@headrace/event-schema';
import { idSchemaOf } from '../fields.ts';

export const ORDER_CATEGORY = 'order';

/** The one id of an order. */
export const orderIdSchema = idSchemaOf(ORDER_CATEGORY);

/**
 * The stream of an order's history.
 * @throws InvalidStreamNameError
 */
export function orderStream(orderId: string): string {
  return streamOf(ORDER_CATEGORY, orderId);
}
