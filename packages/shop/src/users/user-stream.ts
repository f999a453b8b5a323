import { streamOf } from '@headrace/event-schema';
import { idSchemaOf } from '../fields.ts';

export const USER_CATEGORY = 'user';

/** The one id of a user. */
export const userIdSchema = idSchemaOf(USER_CATEGORY);

/**
 * The stream of a user's history: `user_123` is one already, `42` becomes `user:42`.
 * @throws InvalidStreamNameError
 */
export function userStream(userId: string): string {
  return streamOf(USER_CATEGORY, userId);
}
