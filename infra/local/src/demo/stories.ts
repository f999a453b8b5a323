import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from './endpoints.ts';
import { type Http, UnexpectedAnswerError } from './http.ts';
import type { SeenEvent, SeenOrder, SeenState, Step } from './seen.ts';

const customer = { userId: 'user-1', email: 'ada@example.com', currency: 'USD' };
const laptop = { id: 'laptop', name: 'Laptop', quantity: 1, price: 2499.99 };

/** A refund goes through three services; this is far longer than it takes if all of them run. */
const refundTimeoutMs = 30_000;

interface Answer extends Omit<Step, 'request'> {
  readonly orderId: string;
}

/** One order, changed and read over HTTP. */
class OrderWalk {
  readonly #http: Http;
  readonly #endpoints: Endpoints;
  readonly #steps: Step[] = [];
  readonly #states: SeenState[] = [];
  orderId = '';

  constructor(http: Http, endpoints: Endpoints) {
    this.#http = http;
    this.#endpoints = endpoints;
  }

  /** Sends a command; the first one, to `/orders` or `/orders/drafts`, names the order. */
  async send(path: string, body: object): Promise<Answer> {
    const answer = (await this.#http.post(`${this.#endpoints.orderApi}${path}`, body)) as Answer;
    return this.#answered(`POST ${path}`, answer);
  }

  async remove(path: string): Promise<Answer> {
    const answer = (await this.#http.delete(`${this.#endpoints.orderApi}${path}`)) as Answer;
    return this.#answered(`DELETE ${path}`, answer);
  }

  /** Reads the order, and keeps the answer for a column. */
  async read(label: string, query = ''): Promise<SeenState['order']> {
    const url = `${this.#endpoints.orderApi}/orders/${this.orderId}${query}`;
    const order = (await this.#http.get(url)) as SeenState['order'];
    this.#states.push({ label, url, order });
    return order;
  }

  /** Reads the order's row of the read model, once it contains the event. */
  async readFromReadModel(eventId: string): Promise<void> {
    const query = `orderId=${this.orderId}&wait_for=${eventId}&timeout_ms=30000`;
    const url = `${this.#endpoints.projections}/api/queries/orders?${query}`;
    this.#states.push({ label: 'read model', url, order: rowOf(await this.#http.get(url), url) });
  }

  async history(): Promise<readonly SeenEvent[]> {
    const url = `${this.#endpoints.orderApi}/orders/${this.orderId}/history`;
    return (await this.#http.get(url)) as readonly SeenEvent[];
  }

  async seen(title: string): Promise<SeenOrder> {
    const { orderId } = this;
    return { title, orderId, steps: this.#steps, history: await this.history(), states: this.#states };
  }

  #answered(request: string, { orderId, status, version, eventId }: Answer): Answer {
    this.orderId = orderId;
    this.#steps.push({ request, status, version, eventId });
    return { orderId, status, version, eventId };
  }
}

/** Placed, paid, shipped, delivered; then read as of now, of version 2, and of the time of the payment. */
export async function walkLifecycle(http: Http, endpoints: Endpoints): Promise<SeenOrder> {
  const walk = new OrderWalk(http, endpoints);
  await walk.send('/orders', { ...customer, items: [laptop] });
  const order = `/orders/${walk.orderId}`;
  await walk.send(`${order}/payment`, {
    paymentMethod: 'credit_card',
    amount: laptop.price,
    currency: 'USD',
  });
  // Time travel has a resolution of milliseconds: the next event must not be in the same one.
  await sleep(20);
  await walk.send(`${order}/ship`, { carrier: 'UPS', trackingNumber: '1Z999AA10123456784' });
  const delivered = await walk.send(`${order}/deliver`, { signature: 'Ada' });
  const paid = (await walk.history()).find(({ type }) => type === 'PaymentReceived');

  await walk.read('now');
  await walk.read('?version=2', '?version=2');
  if (paid) await walk.read('?at=(when paid)', `?at=${encodeURIComponent(paid.recordedAt)}`);
  await walk.readFromReadModel(delivered.eventId);
  return walk.seen('From placing to delivery');
}

/** Paid, then cancelled: billing requests the refund by a durable command. */
export async function walkCancellation(http: Http, endpoints: Endpoints): Promise<SeenOrder> {
  const walk = new OrderWalk(http, endpoints);
  await walk.send('/orders', {
    ...customer,
    items: [{ id: 'lamp', name: 'Lamp', quantity: 2, price: 24.5 }],
  });
  const order = `/orders/${walk.orderId}`;
  await walk.send(`${order}/payment`, { paymentMethod: 'credit_card', amount: 49, currency: 'USD' });
  await walk.send(`${order}/cancel`, { reason: 'Changed my mind', userId: customer.userId });
  await walk.read('just cancelled', '?version=3');
  const refund = await refundOf(walk);
  await walk.read('now');
  await walk.readFromReadModel(refund.eventId);
  return walk.seen('A paid order is cancelled, and refunded by itself');
}

/** Opened as a draft, changed, confirmed. */
export async function walkDraft(http: Http, endpoints: Endpoints): Promise<SeenOrder> {
  const walk = new OrderWalk(http, endpoints);
  await walk.send('/orders/drafts', customer);
  const order = `/orders/${walk.orderId}`;
  await walk.send(`${order}/items`, { id: 'desk', name: 'Desk', quantity: 1, price: 320 });
  await walk.send(`${order}/items`, { id: 'mug', name: 'Mug', quantity: 4, price: 6.25 });
  await walk.remove(`${order}/items/mug`);
  await walk.read('as a draft');
  const confirmed = await walk.send(`${order}/confirm`, {});
  await walk.read('now');
  await walk.readFromReadModel(confirmed.eventId);
  return walk.seen('A draft is changed, then confirmed');
}

/** Billing refunds a cancelled order without a request. */
async function refundOf(walk: OrderWalk): Promise<SeenEvent> {
  const deadline = Date.now() + refundTimeoutMs;
  for (;;) {
    const refund = (await walk.history()).find(({ type }) => type === 'OrderRefunded');
    if (refund) return refund;
    if (Date.now() > deadline) {
      throw new Error(
        `The cancelled order ${walk.orderId} was not refunded within ${refundTimeoutMs / 1000} s. Does billing-worker run?`,
      );
    }
    await sleep(100);
  }
}

/** The order in a query's answer. */
function rowOf(answer: unknown, url: string): SeenState['order'] {
  const { data } = answer as { readonly data?: SeenState['order'] };
  if (data === undefined) throw new UnexpectedAnswerError(`GET ${url}`, 200, JSON.stringify(answer));
  return data;
}
