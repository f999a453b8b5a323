import type { QueryExecutorProvider, Transaction } from 'kysely';

/**
 * A transaction whose statements are sent at once and answered in their order. Kysely itself sends one when the one
 * before is answered, which costs a round trip each. Of no use once the transaction has ended.
 */
export async function pipelined<Tables>(tx: Transaction<Tables>): Promise<QueryExecutorProvider> {
  const executor = tx.getExecutor();
  // it stays the transaction's, and so ours, until that ends
  const connection = await executor.provideConnection(async (ofTransaction) => ofTransaction);
  const direct = executor.withConnectionProvider({ provideConnection: (consumer) => consumer(connection) });
  return { getExecutor: () => direct };
}
