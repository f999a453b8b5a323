import { defineRefusal } from '@headrace/event-schema';

// Every refusal of a command on a user.

interface OfUser {
  readonly userId: string;
}

export const UserNotFoundError = defineRefusal({
  code: 'USER_NOT_FOUND',
  kind: 'not-found',
  title: 'User not found',
  message: ({ userId }: OfUser) => `there is no user ${userId}`,
  shows: [],
});

export const UserAlreadyExistsError = defineRefusal({
  code: 'USER_ALREADY_EXISTS',
  kind: 'state-forbids',
  title: 'User exists already',
  message: ({ userId }: OfUser) => `user ${userId} exists already`,
  shows: [],
});

export const UserDeletedError = defineRefusal({
  code: 'USER_DELETED',
  kind: 'state-forbids',
  title: 'User was deleted',
  message: ({ userId }: OfUser) => `user ${userId} was deleted`,
  shows: [],
});

export const TooManyAttributesError = defineRefusal({
  code: 'TOO_MANY_ATTRIBUTES',
  kind: 'invalid-value',
  title: 'Too many attributes',
  message: ({ userId, limit }: OfUser & { readonly limit: number }) =>
    `user ${userId} cannot have more than ${limit} attributes; null removes one`,
  shows: ['limit'],
});

export const NothingToUpdateError = defineRefusal({
  code: 'NOTHING_TO_UPDATE',
  kind: 'invalid-value',
  title: 'Nothing to update',
  message: (_: object) => '`updates` is empty; name what should change',
});
