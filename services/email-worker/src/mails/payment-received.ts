import type { PaymentReceived } from '@headrace/shop';
import { amountText } from './amount.ts';
import { fact } from './letter.ts';
import { type Mail, mailOf } from './mail-of-letter.ts';

/** Confirms the payment of an order, which may have been shipped on account before. */
export function paymentReceivedMail({ data }: PaymentReceived): Mail {
  const next = data.paymentTerms === 'prepaid' ? ['We are getting your order ready to be sent.'] : [];
  return mailOf({
    subject: `We have received your payment for order ${data.orderId}`,
    title: 'Thank you for your payment',
    paragraphs: ['Your payment has arrived, and your order is paid in full.', ...next],
    facts: [
      ...fact('Amount', amountText(data.amount)),
      ...fact('Paid by', data.paymentMethod),
      ...fact('Order number', data.orderId),
    ],
    closing: 'Please keep this mail as your confirmation of payment.',
  });
}
