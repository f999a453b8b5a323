import { foldRow } from '@headrace/projections';
import { type HttpApp, notFound, responses } from '@headrace/service-kit';
import { accountStream, userStream } from '@headrace/shop';
import { z } from 'zod';
import { accounts } from '../projections/accounts.ts';
import { users } from '../projections/users.ts';
import {
  accountParameters,
  accountSchema,
  accountsParameters,
  bankTotalSchema,
  findAccount,
  listAccounts,
  presentAccount,
} from '../queries/accounts.ts';
import {
  findUser,
  listUsers,
  presentUser,
  userParameters,
  userSchema,
  usersParameters,
} from '../queries/users.ts';
import type { RouteDeps } from './deps.ts';
import { readModelFor, refuseEventStore } from './prepare-query.ts';

const TAGS = ['queries'];
const FROM_THE_LOG =
  'Needs PostgreSQL. With `source=event_store` it is folded from the log instead: that needs Redis only and is ' +
  'never behind, so `wait_for` has nothing to wait for.';
const nextCursor = z.string().nullable().describe('where the next page begins; null after the last');

/** The queries `account` and `accounts`. */
export function registerAccounts(app: HttpApp, deps: RouteDeps): void {
  app.get(
    '/api/queries/account',
    {
      schema: {
        tags: TAGS,
        summary: 'One account',
        description: FROM_THE_LOG,
        querystring: accountParameters,
        response: responses({ 200: z.object({ data: accountSchema }) }, 400, 404, 409, 503, 504),
      },
    },
    async ({ query }, reply) => {
      const stream = accountStream(query.accountId);
      const row =
        query.source === 'event_store'
          ? await foldRow(accounts, deps.store.readStream(stream), stream)
          : await findAccount(deps.database, await readModelFor(deps, 'accounts', query, reply), stream);
      if (!row)
        throw notFound('There is no such account, or it is not here yet (see wait_for).', {
          accountId: query.accountId,
        });
      return { data: presentAccount(row) };
    },
  );
  app.get(
    '/api/queries/accounts',
    {
      schema: {
        tags: TAGS,
        summary: 'Accounts by owner, status or currency, and what all of them hold together',
        querystring: accountsParameters,
        response: responses(
          { 200: z.object({ data: z.array(accountSchema), totals: z.array(bankTotalSchema), nextCursor }) },
          400,
          409,
          503,
          504,
        ),
      },
    },
    async ({ query }, reply) => {
      refuseEventStore(query, 'account, with accountId');
      return await listAccounts(deps.database, await readModelFor(deps, 'accounts', query, reply), query);
    },
  );
}

/** The queries `user` and `users`. */
export function registerUsers(app: HttpApp, deps: RouteDeps): void {
  app.get(
    '/api/queries/user',
    {
      schema: {
        tags: TAGS,
        summary: 'One user',
        description: FROM_THE_LOG,
        querystring: userParameters,
        response: responses({ 200: z.object({ data: userSchema }) }, 400, 404, 409, 503, 504),
      },
    },
    async ({ query }, reply) => {
      const stream = userStream(query.userId);
      const row =
        query.source === 'event_store'
          ? await foldRow(users, deps.store.readStream(stream), stream)
          : await findUser(deps.database, await readModelFor(deps, 'users', query, reply), stream);
      if (!row)
        throw notFound('There is no such user, or they are not here yet (see wait_for).', {
          userId: query.userId,
        });
      return { data: presentUser(row) };
    },
  );
  app.get(
    '/api/queries/users',
    {
      schema: {
        tags: TAGS,
        summary: 'Users, newest first',
        querystring: usersParameters,
        response: responses({ 200: z.object({ data: z.array(userSchema), nextCursor }) }, 400, 409, 503, 504),
      },
    },
    async ({ query }, reply) => {
      refuseEventStore(query, 'user, with userId');
      return await listUsers(deps.database, await readModelFor(deps, 'users', query, reply), query);
    },
  );
}
