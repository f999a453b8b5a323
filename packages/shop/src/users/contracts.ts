import { defineEvent, type EventOf } from '@headrace/event-schema';
import { z } from 'zod';
import { emailSchema, nameSchema, textSchema } from '../fields.ts';
import { USER_CATEGORY, userIdSchema } from './user-stream.ts';

const category = USER_CATEGORY;

/** Further things known of a user, by name: at most 50 plain values. */
export const userAttributesSchema = z
  .record(z.string().min(1).max(64), z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]))
  .refine((attributes) => Object.keys(attributes).length <= 50, { message: 'at most 50 attributes' });

const profile = {
  name: nameSchema.exactOptional(),
  email: emailSchema.exactOptional(),
  phone: nameSchema.exactOptional(),
  attributes: userAttributesSchema.exactOptional(),
};

/** What may be said about a user; what is absent is not known, or not changed. */
export const userProfileSchema = z.strictObject(profile);
export type UserProfile = z.infer<typeof userProfileSchema>;

export const userCreated = defineEvent({
  type: 'UserCreated',
  category,
  description: 'A user became known.',
  schema: z.strictObject({ userId: userIdSchema, ...profile }),
});

export const userUpdated = defineEvent({
  type: 'UserUpdated',
  category,
  description: 'What is in `updates` changed and the rest did not; attributes are merged, null removes one.',
  schema: z.strictObject({ userId: userIdSchema, updates: userProfileSchema }),
});

export const userDeleted = defineEvent({
  type: 'UserDeleted',
  category,
  description: 'The user is gone for good.',
  schema: z.strictObject({ userId: userIdSchema, reason: textSchema.exactOptional() }),
});

export const userContracts = [userCreated, userUpdated, userDeleted] as const;

export type UserCreated = EventOf<typeof userCreated>;
export type UserUpdated = EventOf<typeof userUpdated>;
export type UserDeleted = EventOf<typeof userDeleted>;

export type UserEvent = EventOf<(typeof userContracts)[number]>;
