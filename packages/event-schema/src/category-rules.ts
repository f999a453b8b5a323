import type { ContractIssue } from './contract.ts';
import type { AnyHistory } from './history.ts';

/**
 * What all events of a category must satisfy beside their contracts. Checked for what is written; stored events may be
 * older than a rule.
 */
export interface CategoryRules {
  /** Field of the data with the aggregate's id, which must lead to the event's stream. */
  readonly idField: string;
  /** What is wrong with data that satisfies its schema, if anything. */
  readonly issueOf?: (data: unknown) => ContractIssue | undefined;
  /** Present if events can contradict each other. */
  readonly history?: AnyHistory;
}
