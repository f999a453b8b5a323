import { badRequest, expectedVersionOf, type RequestLike } from '@headrace/service-kit';

/**
 * The version that a request pins, in its body or by `If-Match`; undefined where it pins none.
 * @throws a 400 problem where the two differ
 */
export function pinnedBy<Expected>(
  request: RequestLike,
  inBody: Expected | undefined,
): Expected | number | 'exists' | undefined {
  const inHeader = expectedVersionOf(request);
  if (inHeader === undefined) return inBody;
  if (inBody !== undefined && inBody !== inHeader) {
    throw badRequest('If-Match and expectedVersion ask for different versions.');
  }
  return inHeader;
}
