import type { OrderRefunded } from '@headrace/shop';
import { amountText } from './amount.ts';
import { fact } from './letter.ts';
import { type Mail, mailOf } from './mail-of-letter.ts';

/** Tells how much money was given back, and why; an order may be refunded in parts. */
export function orderRefundedMail({ data }: OrderRefunded): Mail {
  const amount = amountText(data.amount);
  return mailOf({
    subject: `Your refund for order ${data.orderId}`,
    title: 'We have sent you a refund',
    paragraphs: [
      `We have refunded ${amount} to you.`,
      data.full
        ? 'With this, everything that you paid for this order has been returned.'
        : `So far, ${amountText(data.refundedTotal)} of the ${amountText(data.paidAmount)} that you paid have been returned.`,
    ],
    facts: [...fact('Refund', amount), ...fact('Reason', data.reason), ...fact('Order number', data.orderId)],
    closing: 'Depending on your bank, it may take a few days until you see the money.',
  });
}
