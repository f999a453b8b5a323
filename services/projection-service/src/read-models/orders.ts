import { column } from '@headrace/projections';
import {
  orderContracts,
  orderFold,
  orderIdSchema,
  orderStatusSchema,
  orderStream,
  orderView,
} from '@headrace/shop';
import { textParameter } from '../queries/parameters.ts';
import { defineReadModel } from './define-read-model.ts';
import { newestFirst } from './row-order.ts';

export const orders = defineReadModel({
  name: 'orders',
  layout: 0,
  description: 'Each order as it is now: status, items, totals and the time of every step.',
  noun: 'order',
  contracts: orderContracts,
  fold: orderFold,
  view: orderView,
  columns: {
    user_id: { ...column.text, from: ({ userId }) => userId },
    status: { ...column.text, from: ({ status }) => status },
    created_at: { ...column.timestamptz, from: ({ createdAt }) => new Date(createdAt) },
  },
  indexes: [
    ['created_at', 'stream'],
    ['user_id', 'created_at', 'stream'],
    ['status', 'created_at', 'stream'],
  ],
  find: {
    query: 'orders',
    summary: 'One order by orderId, or orders of a user or in a status, newest first',
    parameter: 'orderId',
    schema: orderIdSchema,
    streamOf: orderStream,
    notFound: 'There is no such order, or it is not here yet (see wait_for).',
  },
  list: {
    query: 'orders',
    summary: 'One order by orderId, or orders of a user or in a status, newest first',
    filters: {
      userId: {
        column: 'user_id',
        schema: textParameter.optional().describe('only orders of this user'),
      },
      status: {
        column: 'status',
        schema: orderStatusSchema.optional().describe('only orders in this status'),
      },
    },
    order: newestFirst,
  },
});
