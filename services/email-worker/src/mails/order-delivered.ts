import type { OrderDelivered } from '@headrace/shop';
import { fact } from './letter.ts';
import { type Mail, mailOf } from './mail-of-letter.ts';

/** Tells that the goods have arrived, and who signed for them. */
export function orderDeliveredMail({ data }: OrderDelivered): Mail {
  return mailOf({
    subject: `Your order ${data.orderId} has been delivered`,
    title: 'Your order has arrived',
    paragraphs: ['Your order has been delivered. We hope you enjoy it.'],
    facts: [...fact('Signed for by', data.signature), ...fact('Order number', data.orderId)],
    closing: 'If something is missing or not as it should be, please tell us and give the order number.',
  });
}
