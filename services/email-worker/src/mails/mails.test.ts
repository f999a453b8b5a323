import { shopContracts } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { composeMail, MAIL_EVENT_TYPES, type MailEvent } from './mails.ts';

const usd = (minor: number) => ({ minor, currency: 'USD' });
const customer = { orderId: 'o-1', userId: 'u-1', email: 'ann@example.com' };

type Of<Type extends MailEvent['type']> = Extract<MailEvent, { type: Type }>;
const placed = (data: Partial<Of<'OrderPlaced'>['data']> = {}): Of<'OrderPlaced'> => ({
  type: 'OrderPlaced',
  data: {
    ...customer,
    items: [
      { id: 'a', name: 'Coffee beans', quantity: 2, price: usd(1250) },
      { id: 'b', name: 'Paper filters', quantity: 1, price: usd(300) },
    ],
    amount: usd(2800),
    paymentTerms: 'prepaid',
    ...data,
  },
});
const cancelled = (data: Partial<Of<'OrderCancelled'>['data']> = {}): Of<'OrderCancelled'> => ({
  type: 'OrderCancelled',
  data: {
    ...customer,
    previousStatus: 'paid',
    amount: usd(2800),
    paidAmount: usd(2800),
    refundedTotal: usd(0),
    paymentTerms: 'prepaid',
    reason: 'Out of stock',
    cancelledBy: 'u-1',
    ...data,
  },
});
const shipped = (data: Partial<Of<'OrderShipped'>['data']> = {}): Of<'OrderShipped'> => ({
  type: 'OrderShipped',
  data: { ...customer, amount: usd(2800), paymentTerms: 'prepaid', trackingNumber: 'JD014', ...data },
});

const everyEvent: readonly MailEvent[] = [
  placed(),
  {
    type: 'PaymentReceived',
    data: { ...customer, amount: usd(2800), paymentMethod: 'card', paymentTerms: 'prepaid' },
  },
  shipped({ carrier: 'DHL' }),
  { type: 'OrderDelivered', data: { ...customer, signature: 'Ann B.' } },
  cancelled(),
  {
    type: 'OrderRefunded',
    data: {
      ...customer,
      amount: usd(500),
      paidAmount: usd(2800),
      refundedTotal: usd(800),
      full: false,
      reason: 'Broken cup',
    },
  },
];

describe('every mail', () => {
  it('is about an event as its contract has it', () => {
    expect(everyEvent.map(({ type }) => type)).toEqual(MAIL_EVENT_TYPES);
    for (const { type, data } of everyEvent) {
      const contract = shopContracts.find((candidate) => candidate.type === type);
      expect(contract?.schema.safeParse(data)).toMatchObject({ success: true });
    }
  });

  it.each(everyEvent)('says which order it is about: $type', (event) => {
    const { subject, text, html } = composeMail(event);
    expect(subject).toContain('o-1');
    expect(text).toContain('Order number: o-1');
    expect(html).toContain('o-1');
  });

  it.each(everyEvent)('says the same in text and in HTML, and is the same each time: $type', (event) => {
    const mail = composeMail(event);
    const words = mail.html
      .replace(/[\s\S]*<body[^>]*>/, '')
      .replace(/<[^>]*>/g, ' ')
      .replaceAll('&times;', 'x');
    const wordsOf = (text: string) => text.match(/[\p{L}\p{N}$.]+/gu);
    expect(wordsOf(words)).toEqual(wordsOf(mail.text));
    expect(composeMail(event)).toEqual(mail);
  });
});

describe('the mail about a placed order', () => {
  it('lists items with quantity and price, and the total', () => {
    const { text } = composeMail(placed());
    expect(text).toContain('- 2 x Coffee beans, $12.50 each\n- 1 x Paper filters, $3.00\n');
    expect(text).toContain('Total: $28.00');
  });

  it('lists items without a price', () => {
    const { text } = composeMail(placed({ items: [{ id: 'a', name: 'Tea', quantity: 3 }] }));
    expect(text).toContain('- 3 x Tea\n');
  });

  it('does not wait for the payment of an order on account', () => {
    expect(composeMail(placed()).text).toContain('As soon as your payment has arrived');
    expect(composeMail(placed({ paymentTerms: 'on_account' })).text).toContain('You pay on account');
  });

  it('escapes what customers and shops write', () => {
    const name = '<script>alert(1)</script> & "friends"';
    const { html, text } = composeMail(placed({ items: [{ id: 'a', name, quantity: 1 }] }));
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;friends&quot;');
    expect(text).toContain(name);
  });

  it('keeps line breaks and text-turning marks out of names', () => {
    const name = 'Cup\r\nTotal: $0.00\u2028\u202egnirts';
    const { text } = composeMail(placed({ items: [{ id: 'a', name, quantity: 1 }] }));
    expect(text).toContain('- 1 x Cup Total: $0.00 gnirts\n');
  });

  it('keeps line breaks out of the subject', () => {
    const { subject } = composeMail(placed({ orderId: 'o-1\r\nBcc: eve@example.com' }));
    expect(subject).toBe('We have received your order o-1 Bcc: eve@example.com');
  });
});

describe('the mail about a shipped order', () => {
  it('names the carrier where there is one, and the tracking number', () => {
    expect(composeMail(shipped({ carrier: 'DHL' })).text).toContain('Carrier: DHL\nTracking number: JD014');
    expect(composeMail(shipped()).text).not.toContain('Carrier');
  });
});

describe('the mail about a cancelled order', () => {
  it.each([
    ['paid, nothing returned yet', {}, 'You will get back the $28.00'],
    ['paid, a part returned', { refundedTotal: usd(800) }, 'You will get back the $20.00'],
    ['paid, all returned', { refundedTotal: usd(2800) }, 'The $28.00 that you had paid have been refunded'],
    ['placed', { previousStatus: 'placed' as const, paidAmount: usd(0) }, 'Nothing had been paid yet'],
    ['a draft', { previousStatus: 'draft' as const, paidAmount: usd(0) }, 'not been placed yet'],
  ])('says what happens with the money: %s', (_case, data, sentence) => {
    expect(composeMail(cancelled(data)).text).toContain(sentence);
  });

  it('gives the reason, and leaves a blank one out', () => {
    expect(composeMail(cancelled()).text).toContain('Reason: Out of stock');
    expect(composeMail(cancelled({ reason: ' ' })).text).not.toContain('Reason');
  });
});

describe('the mail about a refund', () => {
  it('gives the amount, and how much has been returned so far', () => {
    const text = everyEvent.map(composeMail).at(-1)?.text;
    expect(text).toContain('Refund: $5.00\nReason: Broken cup');
    expect(text).toContain('So far, $8.00 of the $28.00');
  });
});
