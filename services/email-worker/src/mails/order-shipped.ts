import type { OrderShipped } from '@headrace/shop';
import { amountText } from './amount.ts';
import { fact } from './letter.ts';
import { type Mail, mailOf } from './mail-of-letter.ts';

/** Tells that the goods are on their way, with whom, and how to follow them. */
export function orderShippedMail({ data }: OrderShipped): Mail {
  return mailOf({
    subject: `Your order ${data.orderId} is on its way`,
    title: 'Your order is on its way',
    paragraphs: ['Good news: your order has left us. You can follow it with the tracking number below.'],
    facts: [
      ...fact('Carrier', data.carrier),
      ...fact('Tracking number', data.trackingNumber),
      ...fact('Order value', amountText(data.amount)),
      ...fact('Order number', data.orderId),
    ],
    closing: 'We will write to you when it has arrived.',
  });
}
