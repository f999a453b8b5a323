import { commandKind, type DecidedCommands } from '@headrace/consumer';
import {
  accountStream,
  closeAccount,
  createUser,
  deleteUser,
  deposit,
  openAccount,
  updateUser,
  withdraw,
} from '@headrace/shop';
import { userDecider } from '../domain/users/decide.ts';
import { receiptOf, resultOf } from './execute.ts';
import { createAccountRequestDecider, openAccountRequest, queuedMovement } from './requests.ts';

/**
 * Every command that this service executes, from HTTP and from the queue.
 * @param now the clock, for the time at which an account is opened
 */
export function createCommands(now: () => Date): DecidedCommands<unknown> {
  const decider = createAccountRequestDecider(now);
  const streamOf = ({ accountId }: { readonly accountId: string }): string => accountStream(accountId);
  const kinds = [
    commandKind({ ...openAccount, schema: openAccountRequest }, decider, { creates: true }),
    commandKind({ ...deposit, schema: queuedMovement, streamOf }, decider),
    commandKind({ ...withdraw, schema: queuedMovement, streamOf }, decider),
    commandKind(closeAccount, decider),
    commandKind(createUser, userDecider, { creates: true }),
    commandKind(updateUser, userDecider),
    commandKind(deleteUser, userDecider),
  ];
  return { kinds, requestOf: receiptOf, resultOf };
}
