/** A currency that data names, and the dotted path at which it does: `amount.currency`. */
export interface NamedCurrency {
  readonly path: string;
  readonly currency: string;
}

/** Every `currency` in data, that of each amount in it among them, in the order of the members. */
export function currenciesIn(data: unknown, path = ''): readonly NamedCurrency[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]): readonly NamedCurrency[] => {
    const at = path === '' ? name : `${path}.${name}`;
    if (name === 'currency' && typeof value === 'string') return [{ path: at, currency: value }];
    return currenciesIn(value, at);
  });
}
