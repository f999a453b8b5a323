import { z } from 'zod';

/** What `sumToDecimal` makes of a sum. */
export const sumSchema = z.union([z.number(), z.string()]);
