import { exponentOf, type Money, toDecimal } from '@headrace/shop';

const LOCALE = 'en-US';

/**
 * An amount as people read it: `$2,499.99`, `¥9,999`, `KWD 1.250`. The digits are those of the currency in
 * ISO 4217, which for some currencies are more than Intl would show.
 */
export function amountText({ minor, currency }: Money): string {
  const digits = exponentOf(currency);
  const format = new Intl.NumberFormat(LOCALE, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  // Intl puts a no-break space after a code; in plain text an ordinary one travels better
  return format.format(toDecimal({ minor, currency })).replaceAll('\u00a0', ' ');
}
