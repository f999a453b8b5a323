/** The path of a request's URL, which says nothing of its query. */
export function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

const MAX_NAMES = 20;
const MAX_NAME_LENGTH = 50;

/**
 * The names of the query's parameters, each once, for logs: values may be customers' ids and addresses. At most 20
 * names of 50 characters, as a caller can make them up; undefined without a query.
 */
export function queryNamesOf(url: string): readonly string[] | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  const names = new Set(new URLSearchParams(url.slice(query + 1)).keys());
  return [...names].slice(0, MAX_NAMES).map((name) => name.slice(0, MAX_NAME_LENGTH));
}
