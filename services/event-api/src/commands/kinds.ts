import type { Decider, DomainEvent } from '@headrace/event-schema';
import type { EventStore, HandleOptions, HandleResult } from '@headrace/event-store';
import {
  ACCOUNT_CATEGORY,
  accountStream,
  closeAccount,
  createUser,
  deleteUser,
  USER_CATEGORY,
  updateUser,
  userStream,
} from '@headrace/shop';
import type { z } from 'zod';
import { userDecider } from '../domain/users/decide.ts';
import { createAccountRequestDecider, openAccountRequest, queuedMovement } from './requests.ts';

/** A command whose data has the shape of its type, ready to be executed or queued. */
export interface PreparedCommand {
  readonly type: string;
  readonly category: string;
  readonly stream: string;
  /** It creates its stream. */
  readonly creates: boolean;
  readonly data: object;
  execute(store: EventStore, options: HandleOptions): Promise<HandleResult<unknown>>;
}

/** Turns data into a command; undefined where the data is not that of the type. */
export type Prepare = (data: unknown) => PreparedCommand | undefined;

/** Every command that this service executes, by type. */
export type CommandKinds = ReadonlyMap<string, Prepare>;

/** @param now the clock, for the time at which an account is opened */
export function createCommandKinds(now: () => Date): CommandKinds {
  const onAccount = {
    category: ACCOUNT_CATEGORY,
    decider: createAccountRequestDecider(now),
    streamOf: ({ accountId }: { readonly accountId: string }) => accountStream(accountId),
  };
  const onUser = {
    category: USER_CATEGORY,
    decider: userDecider,
    streamOf: ({ userId }: { readonly userId: string }) => userStream(userId),
  };
  return new Map([
    kind({ ...onUser, type: 'CreateUser', schema: createUser.schema, creates: true }),
    kind({ ...onUser, type: 'UpdateUser', schema: updateUser.schema }),
    kind({ ...onUser, type: 'DeleteUser', schema: deleteUser.schema }),
    kind({ ...onAccount, type: 'OpenAccount', schema: openAccountRequest, creates: true }),
    kind({ ...onAccount, type: 'Deposit', schema: queuedMovement }),
    kind({ ...onAccount, type: 'Withdraw', schema: queuedMovement }),
    kind({ ...onAccount, type: 'CloseAccount', schema: closeAccount.schema }),
  ]);
}

interface Kind<Type extends string, Data extends object, State, Event extends DomainEvent> {
  readonly type: Type;
  readonly category: string;
  readonly schema: z.ZodType<Data>;
  readonly streamOf: (data: NoInfer<Data>) => string;
  readonly decider: Decider<NoInfer<{ readonly type: Type; readonly data: Data }>, State, Event>;
  readonly creates?: boolean;
}

function kind<const Type extends string, Data extends object, State, Event extends DomainEvent>({
  type,
  category,
  schema,
  streamOf,
  decider,
  creates = false,
}: Kind<Type, Data, State, Event>): [string, Prepare] {
  const prepare: Prepare = (given) => {
    const { success, data } = schema.safeParse(given);
    if (!success) return undefined;
    const stream = streamOf(data);
    return {
      type,
      category,
      stream,
      creates,
      data,
      execute: (store, options) => store.handle(decider, stream, { type, data }, options),
    };
  };
  return [type, prepare];
}
