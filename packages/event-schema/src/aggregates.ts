import { accountHistory } from './accounts/history.ts';
import { type AnyHistory, anyHistory } from './history.ts';
import { orderHistory } from './orders/history.ts';

/**
 * What all events of a category have in common beside their contracts. It is asked of what is written; what is read may
 * be from before.
 */
export interface AggregateRules {
  /** Field of the data with the aggregate's id, which must lead to the stream, or two streams would be one aggregate. */
  readonly idField: string;
  /** Present where events must make sense together; all amounts of such a stream, and of each event, are in one currency. */
  readonly history?: AnyHistory;
}

/** The rules of this repository's aggregates, by category. */
export const aggregates: Readonly<Record<string, AggregateRules>> = {
  order: { idField: 'orderId', history: anyHistory(orderHistory) },
  account: { idField: 'accountId', history: anyHistory(accountHistory) },
  user: { idField: 'userId' },
};
