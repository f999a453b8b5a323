import { type OrderCancelled, subtractMoney } from '@headrace/shop';
import { amountText } from './amount.ts';
import { fact } from './letter.ts';
import { type Mail, mailOf } from './mail-of-letter.ts';

/** Tells that an order was called off, why, and what happens with money that was paid. */
export function orderCancelledMail({ data }: OrderCancelled): Mail {
  return mailOf({
    subject: `Your order ${data.orderId} has been cancelled`,
    title: 'Your order has been cancelled',
    paragraphs: [moneySentence(data)],
    facts: [...fact('Reason', data.reason), ...fact('Order number', data.orderId)],
    closing: 'If you did not expect this, please tell us and give the order number.',
  });
}

function moneySentence({ previousStatus, paidAmount, refundedTotal }: OrderCancelled['data']): string {
  const owed = subtractMoney(paidAmount, refundedTotal);
  if (owed.minor > 0) return `You will get back the ${amountText(owed)} that you have paid.`;
  if (paidAmount.minor > 0) return `The ${amountText(paidAmount)} that you had paid have been refunded.`;
  return previousStatus === 'draft'
    ? 'It had not been placed yet, so there is nothing to pay.'
    : 'Nothing had been paid yet, and there is nothing left to pay.';
}
