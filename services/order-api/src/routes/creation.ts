import { type HttpApp, responses } from '@headrace/service-kit';
import type { FastifyReply } from 'fastify';
import { type OrderAnswer, orderAnswerSchema } from '../presentation/order-answer.ts';
import { createDraft, createDraftBody, placeOrder, placeOrderBody } from '../requests/creation.ts';
import { TAGS, writeHeaders } from './descriptions.ts';
import { createOrder, type WriteDeps } from './write.ts';

const response = responses({ 201: orderAnswerSchema }, 400, 409, 412, 422, 503);

/** `POST /orders` and `POST /orders/drafts`. */
export function registerCreation(app: HttpApp, deps: WriteDeps): void {
  app.post(
    '/orders',
    {
      schema: {
        tags: [TAGS.create],
        summary: 'Places an order',
        headers: writeHeaders,
        body: placeOrderBody,
        response,
      },
    },
    async (request, reply) => {
      const created = { body: request.body, commandFor: placeOrder };
      return answerCreated(reply, await createOrder(deps, { request, reply }, created));
    },
  );
  app.post(
    '/orders/drafts',
    {
      schema: {
        tags: [TAGS.draft],
        summary: 'Opens a draft, with or without first items',
        headers: writeHeaders,
        body: createDraftBody,
        response,
      },
    },
    async (request, reply) => {
      const created = { body: request.body, commandFor: createDraft };
      return answerCreated(reply, await createOrder(deps, { request, reply }, created));
    },
  );
}

function answerCreated(reply: FastifyReply, answer: OrderAnswer): OrderAnswer {
  reply.code(201).header('location', `/orders/${encodeURIComponent(answer.orderId)}`);
  return answer;
}
