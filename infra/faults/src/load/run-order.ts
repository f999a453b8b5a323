import type { Random } from '../plan/random.ts';
import type { Client, Write } from './client.ts';

/** What happens to an order after it is placed. */
type Step = 'pay' | 'pay-twice' | 'ship' | 'deliver' | 'cancel' | 'refund-part' | 'refund-rest';

const stories: readonly [readonly Step[], ...(readonly Step[])[]] = [
  ['pay', 'ship', 'deliver'],
  ['pay', 'cancel'],
  ['pay', 'refund-part', 'cancel'],
  ['pay', 'ship', 'deliver', 'refund-part', 'refund-rest'],
  ['cancel'],
  ['pay-twice', 'ship'],
  ['pay', 'refund-part'],
  ['pay', 'cancel'],
  [],
];

const PRICE = 12.5;
const QUANTITY = 2;
const AMOUNT = PRICE * QUANTITY;

/**
 * Places an order and takes it through one of the stories. Every write has its own mark, by which its event can be found.
 * Most have a key, under which they are repeated; those without a key are sent once.
 */
export async function runOrder(client: Client, random: Random, name: string): Promise<void> {
  const keyed = (): boolean => random.next() < 0.85;
  const orderId =
    random.next() < 0.25 ? await draft(client, name, keyed()) : await place(client, name, keyed());
  if (orderId === undefined) return;
  for (const step of random.pick(stories)) {
    const writes = writesOf(step, orderId, `${name}-${step}`).map((write) => ({ ...write, keyed: keyed() }));
    const results = await Promise.all(writes.map((write) => client.write(write)));
    if (!results.some(({ outcome }) => outcome.status === 'acknowledged')) return;
  }
}

async function place(client: Client, mark: string, keyed: boolean): Promise<string | undefined> {
  const { body } = await client.write({ path: '/orders', body: newOrder(mark), mark, what: 'place', keyed });
  return orderIdIn(body);
}

async function draft(client: Client, name: string, keyed: boolean): Promise<string | undefined> {
  const write = { path: '/orders/drafts', body: newOrder(name), mark: name, what: 'draft', keyed };
  const orderId = orderIdIn((await client.write(write)).body);
  if (orderId === undefined) return undefined;
  const path = `/orders/${orderId}/confirm`;
  const mark = `confirm-${orderId}`;
  const confirmed = await client.write({ path, body: {}, mark, what: 'confirm', keyed, orderId });
  return confirmed.outcome.status === 'acknowledged' ? orderId : undefined;
}

function newOrder(mark: string): object {
  const number = Number(/\d+$/.exec(mark)?.[0]);
  return {
    userId: `user-${number % 12}`,
    items: [{ id: `item-${number % 5}`, name: mark, quantity: QUANTITY, price: PRICE }],
    currency: number % 3 === 0 ? 'EUR' : 'USD',
    // Every ninth customer gets no mail.
    ...(number % 9 === 8 ? {} : { email: `user-${number % 12}@example.com` }),
  };
}

function orderIdIn(body: Readonly<Record<string, unknown>>): string | undefined {
  return typeof body['orderId'] === 'string' ? body['orderId'] : undefined;
}

function writesOf(step: Step, orderId: string, mark: string): Omit<Write, 'keyed'>[] {
  const path = (what: string): string => `/orders/${orderId}/${what}`;
  const pay = (by: string, contest?: string) => ({
    path: path('payment'),
    body: { paymentMethod: by, amount: AMOUNT },
    mark: by,
    what: 'pay',
    ...(contest === undefined ? {} : { contest }),
    orderId,
  });
  const refund = (amount: number) => ({ path: path('refund'), body: { amount, reason: mark } });
  switch (step) {
    case 'pay':
      return [pay(mark)];
    case 'pay-twice':
      return ['a', 'b'].map((by) => pay(`${mark}-${by}`, `payment of ${orderId}`));
    case 'ship':
      return [{ path: path('ship'), body: { trackingNumber: mark }, mark, what: 'ship', orderId }];
    case 'deliver':
      return [{ path: path('deliver'), body: { signature: mark }, mark, what: 'deliver', orderId }];
    case 'cancel':
      return [
        { path: path('cancel'), body: { reason: mark, userId: 'clerk' }, mark, what: 'cancel', orderId },
      ];
    case 'refund-part':
      return [{ ...refund(PRICE), mark, what: 'refund', orderId }];
    case 'refund-rest':
      return [{ ...refund(AMOUNT - PRICE), mark, what: 'refund', orderId }];
  }
}
