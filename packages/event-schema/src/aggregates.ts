/**
 * What all events of a category have in common beside their contracts. It is asked of what is written; what is read may
 * be from before.
 */
export interface AggregateRules {
  /** Field of the data with the aggregate's id, which must lead to the stream, or two streams would be one aggregate. */
  readonly idField: string;
  /** A history is in one currency. */
  readonly hasOneCurrency: boolean;
}

/** The rules of this repository's aggregates, by category. */
export const aggregates: Readonly<Record<string, AggregateRules>> = {
  order: { idField: 'orderId', hasOneCurrency: true },
  account: { idField: 'accountId', hasOneCurrency: true },
  user: { idField: 'userId', hasOneCurrency: false },
};
