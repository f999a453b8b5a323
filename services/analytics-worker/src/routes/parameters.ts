import { z } from 'zod';

export const TAGS = ['analytics'];

const MOMENT_FORM = 'must be a date (2026-01-31) or a time with offset (2026-01-31T14:00:00Z), ISO 8601';

function moment() {
  return z.union([z.iso.date({ error: MOMENT_FORM }), z.iso.datetime({ offset: true, error: MOMENT_FORM })]);
}

/** Describes the two ends of a range; `defaults` says what holds for each when it is not given. */
export function rangeParameters(unit: string, defaults: { readonly from: string; readonly to: string }) {
  const rounding = `business time; widened to the whole ${unit}, UTC`;
  return {
    from: moment()
      .optional()
      .describe(`first moment, ${rounding}; default ${defaults.from}`)
      .meta({ examples: ['2026-01-01'] }),
    to: moment()
      .optional()
      .describe(`end, itself not included, ${rounding}; default ${defaults.to}`)
      .meta({ examples: ['2026-02-01'] }),
  };
}

export const currencyParameter = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency code of three capitals, such as USD')
  .optional()
  .describe('only this currency; default all')
  .meta({ examples: ['USD'] });

/** Milliseconds since the epoch as the API has it. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
