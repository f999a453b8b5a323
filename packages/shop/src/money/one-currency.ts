import type { ContractIssue } from '@headrace/event-schema';

interface NamedCurrency {
  /** Dotted: `amount.currency`. */
  readonly path: string;
  readonly currency: string;
}

/** The amounts within one event that are not all in the same currency. */
export function mixedCurrencies(data: unknown): ContractIssue | undefined {
  const [first, ...others] = currenciesIn(data);
  const other = others.find(({ currency }) => currency !== first?.currency);
  if (first === undefined || other === undefined) return undefined;
  const message = `is ${other.currency}, and ${first.path} is ${first.currency}: an event is in one currency`;
  return { path: other.path, message };
}

/** An amount that is not in the currency of its stream; a stream without one takes any. */
export function foreignCurrency(
  currency: string | undefined,
  data: unknown,
  stream: string,
): ContractIssue | undefined {
  const [named] = currenciesIn(data);
  if (currency === undefined || named === undefined || named.currency === currency) return undefined;
  const message = `is ${named.currency}, and ${stream} is in ${currency}: give the amount in ${currency}`;
  return { path: named.path, message };
}

/** Every `currency` in data, that of each amount in it among them, in the order of the members. */
function currenciesIn(data: unknown, path = ''): readonly NamedCurrency[] {
  if (typeof data !== 'object' || data === null) return [];
  return Object.entries(data).flatMap(([name, value]): readonly NamedCurrency[] => {
    const at = path === '' ? name : `${path}.${name}`;
    if (name === 'currency' && typeof value === 'string') return [{ path: at, currency: value }];
    return currenciesIn(value, at);
  });
}
