import { streamOf } from '@headrace/event-schema';
import { idSchemaOf } from '../fields.ts';

export const ACCOUNT_CATEGORY = 'account';

/** The one id of an account. */
export const accountIdSchema = idSchemaOf(ACCOUNT_CATEGORY);

/**
 * The stream of an account's history, such as `account:ACC-001`.
 * @throws InvalidStreamNameError
 */
export function accountStream(accountId: string): string {
  return streamOf(ACCOUNT_CATEGORY, accountId);
}
