import type { OrderItem, OrderPlaced } from '@headrace/shop';
import { amountText } from './amount.ts';
import { fact, type LetterItem } from './letter.ts';
import { type Mail, mailOf } from './mail-of-letter.ts';

const NEXT_STEP = {
  prepaid: 'As soon as your payment has arrived, we will send it on its way.',
  on_account: 'You pay on account, so we will not wait for your payment before we send it.',
} as const;

/** Confirms an order: what was ordered, and what it costs. */
export function orderPlacedMail({ data }: OrderPlaced): Mail {
  return mailOf({
    subject: `We have received your order ${data.orderId}`,
    title: 'Thank you for your order',
    paragraphs: [`We have received your order. ${NEXT_STEP[data.paymentTerms]}`],
    items: data.items.map(letterItem),
    facts: [...fact('Total', amountText(data.amount)), ...fact('Order number', data.orderId)],
    closing: 'We will write to you again with every step of your order.',
  });
}

function letterItem({ name, quantity, price }: OrderItem): LetterItem {
  return { name, quantity, ...(price === undefined ? {} : { price: amountText(price) }) };
}
