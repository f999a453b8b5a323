import type { RequestLike } from '@headrace/service-kit';

/** Whether a request prefers to be answered before it is carried out (RFC 7240, 4.1). */
export function prefersAsync({ headers }: Pick<RequestLike, 'headers'>): boolean {
  const given = headers['prefer'];
  const all = typeof given === 'string' ? given : (given ?? []).join(',');
  return all.split(',').some((preference) => {
    const [name = ''] = preference.split(/[;=]/, 1);
    return name.trim().toLowerCase() === 'respond-async';
  });
}
