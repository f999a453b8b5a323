/**
 * Adds a number to a sum in exact decimal arithmetic, so that a sum does not depend on the order of its parts.
 * @param sum decimal text, such as `-12.5`
 * @param number any finite number; it counts as what it prints as
 */
export function addDecimal(sum: string, number: number): string {
  const [a, b] = [parse(sum), parse(String(number))];
  const scale = Math.max(a.scale, b.scale);
  return format(a.digits * 10n ** BigInt(scale - a.scale) + b.digits * 10n ** BigInt(scale - b.scale), scale);
}

interface Decimal {
  /** All digits; the value is `digits / 10 ** scale`. */
  readonly digits: bigint;
  readonly scale: number;
}

/** `-12.50`, and what numbers print as beyond 21 digits: `1.5e+21`, `5e-7`. */
function parse(text: string): Decimal {
  const [mantissa = '0', exponent = '0'] = text.split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const digits = BigInt(whole + fraction);
  const scale = fraction.length - Number(exponent);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function format(digits: bigint, scale: number): string {
  const sign = digits < 0n ? '-' : '';
  const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
