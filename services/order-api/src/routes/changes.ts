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
import { changeOrder, type WriteDeps } from './write.ts';

const response = responses({ 200: orderAnswerSchema }, 400, 404, 409, 412, 422, 503);

/** The changes to a draft: items in and out, and the confirmation that places it. */
export function registerDraftChanges(app: HttpApp, deps: WriteDeps): void {
  app.post(
    '/orders/:id/items',
    {
      schema: {
        ...onOrder(TAGS.draft, 'Adds an item to a draft; the same item again adds to its quantity'),
        body: addItemBody,
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const change = { orderId: params.id, body, commandFor: addItem };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
  registerRemoval(app, deps);
  app.post(
    '/orders/:id/confirm',
    { schema: { ...onOrder(TAGS.draft, 'Confirms a draft, which places the order'), body: confirmBody } },
    async (request, reply) => {
      const { params, body } = request;
      const change = { orderId: params.id, body, commandFor: confirmOrder };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
}

function registerRemoval(app: HttpApp, deps: WriteDeps): void {
  app.delete(
    '/orders/:id/items/:itemId',
    {
      schema: {
        ...onOrder(TAGS.draft, 'Takes all pieces of an item out of a draft'),
        params: itemPath,
        body: z.strictObject({ expectedVersion }),
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const { id: orderId, itemId } = params;
      const change = { orderId, body, commandFor: removalOf(itemId) };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
}

/** From placing to delivery. */
export function registerFulfilment(app: HttpApp, deps: WriteDeps): void {
  app.post(
    '/orders/:id/payment',
    {
      schema: { ...onOrder(TAGS.change, 'Receives the payment: the exact amount, once'), body: paymentBody },
    },
    async (request, reply) => {
      const { params, body } = request;
      const change = { orderId: params.id, body, commandFor: payOrder };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
  app.post(
    '/orders/:id/ship',
    { schema: { ...onOrder(TAGS.change, 'Ships a paid order, or a placed one on account'), body: shipBody } },
    async (request, reply) => {
      const { params, body } = request;
      const change = { orderId: params.id, body, commandFor: shipOrder };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
  app.post(
    '/orders/:id/deliver',
    { schema: { ...onOrder(TAGS.change, 'Notes that a shipped order has arrived'), body: deliverBody } },
    async (request, reply) => {
      const { params, body } = request;
      const change = { orderId: params.id, body, commandFor: deliverOrder };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
}

/** The ways back. */
export function registerReversal(app: HttpApp, deps: WriteDeps): void {
  app.post(
    '/orders/:id/cancel',
    { schema: { ...onOrder(TAGS.change, 'Calls an order off before it is shipped'), body: cancelBody } },
    async (request, reply) => {
      const { params, body } = request;
      const change = { orderId: params.id, body, commandFor: cancelOrder };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
  app.post(
    '/orders/:id/refund',
    { schema: { ...onOrder(TAGS.change, 'Gives back what was paid, whole or in parts'), body: refundBody } },
    async (request, reply) => {
      const { params, body } = request;
      const change = { orderId: params.id, body, commandFor: refundOrder };
      return await changeOrder(deps, { request, reply }, change);
    },
  );
}

function onOrder(tag: string, summary: string) {
  return { tags: [tag], summary, headers: writeHeaders, params: orderPath, response };
}
