import type { ContractIssue } from './contract.ts';
import type { AnyHistory } from './history.ts';

/**
 * What all events of a category have in common beside their contracts. It is asked of what is written; what is read may
 * be from before.
 */
export interface CategoryRules {
  /** Field of the data with the aggregate's id, which must lead to the stream, or two streams would be one aggregate. */
  readonly idField: string;
  /** What is wrong with data that satisfies its schema; undefined where nothing is. */
  readonly issueOf?: (data: unknown) => ContractIssue | undefined;
  /** Present where events must make sense together. */
  readonly history?: AnyHistory;
}
