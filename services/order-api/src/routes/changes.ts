import { type HttpApp, responses } from '@headrace/service-kit';
import { z } from 'zod';
import { orderAnswerSchema } from '../presentation/order-answer.ts';
import {
  addItem,
  cancelBody,
  cancelOrder,
  confirmBody,
  confirmOrder,
  deliverBody,
  deliverOrder,
  paymentBody,
  payOrder,
  refundBody,
  refundOrder,
  removalOf,
  shipBody,
  shipOrder,
} from '../requests/changes.ts';
import { addItemBody, expectedVersion, itemPath, orderPath } from '../requests/fields.ts';
import { TAGS, writeHeaders } from './descriptions.ts';
import { type Change, changeOrder, type Preconditions, type WriteDeps } from './write.ts';

const response = responses({ 200: orderAnswerSchema }, 400, 404, 409, 412, 422, 503);

interface ChangeRoute<Body extends z.ZodType<Preconditions>> {
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly body: Body;
  readonly commandFor: Change<z.output<Body>>['commandFor'];
}

/** Every change to an order: of a draft, from placing to delivery, and the ways back. */
export function registerChanges(app: HttpApp, deps: WriteDeps): void {
  const register = <Body extends z.ZodType<Preconditions>>(route: ChangeRoute<Body>): void =>
    registerChange(app, deps, route);
  register({
    path: 'items',
    tag: TAGS.draft,
    summary: 'Adds an item to a draft; the same item again adds to its quantity',
    body: addItemBody,
    commandFor: addItem,
  });
  registerRemoval(app, deps);
  register({
    path: 'confirm',
    tag: TAGS.draft,
    summary: 'Confirms a draft, which places the order',
    body: confirmBody,
    commandFor: confirmOrder,
  });
  register({
    path: 'payment',
    tag: TAGS.change,
    summary: 'Receives the payment: the exact amount, once',
    body: paymentBody,
    commandFor: payOrder,
  });
  register({
    path: 'ship',
    tag: TAGS.change,
    summary: 'Ships a paid order, or a placed one on account',
    body: shipBody,
    commandFor: shipOrder,
  });
  register({
    path: 'deliver',
    tag: TAGS.change,
    summary: 'Notes that a shipped order has arrived',
    body: deliverBody,
    commandFor: deliverOrder,
  });
  register({
    path: 'cancel',
    tag: TAGS.change,
    summary: 'Calls an order off before it is shipped',
    body: cancelBody,
    commandFor: cancelOrder,
  });
  register({
    path: 'refund',
    tag: TAGS.change,
    summary: 'Gives back what was paid, whole or in parts',
    body: refundBody,
    commandFor: refundOrder,
  });
}

function registerChange<Body extends z.ZodType<Preconditions>>(
  app: HttpApp,
  deps: WriteDeps,
  { path, tag, summary, body, commandFor }: ChangeRoute<Body>,
): void {
  const schema = { tags: [tag], summary, headers: writeHeaders, params: orderPath, body, response };
  app.post(`/orders/:id/${path}`, { schema }, async (request, reply) => {
    // what `schema` has made of it; Fastify cannot tell the type of a body that is generic
    const change = { orderId: request.params.id, body: request.body as z.output<Body>, commandFor };
    return await changeOrder(deps, { request, reply }, change);
  });
}

function registerRemoval(app: HttpApp, deps: WriteDeps): void {
  const summary = 'Takes all pieces of an item out of a draft';
  const body = z.strictObject({ expectedVersion });
  const schema = { tags: [TAGS.draft], summary, headers: writeHeaders, params: itemPath, body, response };
  app.delete('/orders/:id/items/:itemId', { schema }, async (request, reply) => {
    const { id: orderId, itemId } = request.params;
    const change = { orderId, body: request.body, commandFor: removalOf(itemId) };
    return await changeOrder(deps, { request, reply }, change);
  });
}
