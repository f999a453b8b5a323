import { type CommandOf, defineCommand } from '@headrace/event-schema';
import { z } from 'zod';
import { textSchema } from '../fields.ts';
import { userProfileSchema } from './contracts.ts';
import { USER_CATEGORY, userIdSchema, userStream } from './user-stream.ts';

const category = USER_CATEGORY;
const streamOf = ({ userId }: { readonly userId: string }): string => userStream(userId);

export const createUser = defineCommand({
  type: 'CreateUser',
  category,
  description: 'Make a user known.',
  schema: z.strictObject({ userId: userIdSchema, ...userProfileSchema.shape }),
  streamOf,
});

export const updateUser = defineCommand({
  type: 'UpdateUser',
  category,
  description: 'Change what is in `updates`; attributes are merged, null removes one.',
  schema: z.strictObject({ userId: userIdSchema, updates: userProfileSchema }),
  streamOf,
});

export const deleteUser = defineCommand({
  type: 'DeleteUser',
  category,
  description: 'Remove a user for good.',
  schema: z.strictObject({ userId: userIdSchema, reason: textSchema.exactOptional() }),
  streamOf,
});

export const userCommandContracts = [createUser, updateUser, deleteUser] as const;

export type UserCommand = CommandOf<(typeof userCommandContracts)[number]>;
