import {
  databaseSettings,
  type Environment,
  loadConfig as load,
  serviceSettings,
} from '@headrace/service-kit';
import { z } from 'zod';
import { parseDeadlineMs } from './domain/deadline.ts';

/** `off` or a time; undefined when off. */
const paymentDeadline = z.string().transform((text, context): number | undefined => {
  if (text.toLowerCase() === 'off') return undefined;
  const ms = parseDeadlineMs(text);
  if (ms !== undefined) return ms;
  context.addIssue('must be off, whole minutes such as 30, or an ISO 8601 duration such as PT30M or P3D');
  return z.NEVER;
});

/** What this service reads from the environment, by variable. */
export const schema = z.object({
  ...serviceSettings(3005),
  ...databaseSettings(),
  PAYMENT_DEADLINE: paymentDeadline
    .optional()
    .describe(
      'how soon a prepaid order must be paid, or else it is cancelled: minutes or an ISO 8601 duration, from when billing first sees it; none for orders that were late already when they were recorded, such as imported ones; counts for orders billed from then on; default off',
    ),
});

export type Config = z.output<typeof schema>;

/** The settings of this service, frozen. @throws ConfigError naming every wrong setting */
export const loadConfig = (env: Environment) => load(schema, env);
