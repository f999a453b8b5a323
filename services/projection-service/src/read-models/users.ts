import { column } from '@headrace/projections';
import {
  userContracts,
  userFold,
  userIdSchema,
  userStatusSchema,
  userStream,
  userView,
} from '@headrace/shop';
import { defineReadModel } from './define-read-model.ts';
import { newestFirst } from './row-order.ts';

export const users = defineReadModel({
  name: 'users',
  layout: 1,
  description: 'Each user as known now, deleted ones included.',
  noun: 'user',
  contracts: userContracts,
  fold: userFold,
  view: userView,
  columns: {
    status: { ...column.text, from: ({ status }) => status },
    created_at: { ...column.timestamptz, from: ({ createdAt }) => new Date(createdAt) },
  },
  indexes: [['created_at', 'stream']],
  find: {
    query: 'user',
    summary: 'One user',
    parameter: 'userId',
    schema: userIdSchema,
    streamOf: userStream,
    notFound: 'There is no such user, or they are not here yet (see wait_for).',
  },
  list: {
    query: 'users',
    summary: 'Users, newest first',
    filters: {
      status: { column: 'status', schema: userStatusSchema.optional().describe('only users in this status') },
    },
    order: newestFirst,
  },
});
