import { streamOf } from '../stream-name.ts';

export const ACCOUNT_CATEGORY = 'account';

/**
 * The stream of an account's history, such as `account:ACC-001`.
 * @throws InvalidStreamNameError
 */
export function accountStream(accountId: string): string {
  return streamOf(ACCOUNT_CATEGORY, accountId);
}
