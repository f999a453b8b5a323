/** The queries of this service's own read models; a declared projection is queried under its id. */
export const QUERIES = ['orders', 'account', 'accounts', 'user', 'users', 'daily-summary', 'audit'] as const;
