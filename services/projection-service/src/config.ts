import {
  databaseSettings,
  type Environment,
  loadConfig as load,
  schemaSetting,
  serviceSettings,
  wholeNumber,
} from '@headrace/service-kit';
import { z } from 'zod';

/** What this service reads from the environment, by variable. */
export const schema = z.object({
  ...serviceSettings(3002),
  ...databaseSettings(),
  ...schemaSetting('projections', 'of the read models'),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 86_400_000)
    .default(35_000)
    .describe(
      'longest time to receive a request, and to answer it, in milliseconds; default 35000, since a query may wait 30000 for an event',
    ),
});

export type Config = z.output<typeof schema>;

/** The settings of this service, frozen. @throws ConfigError naming every wrong setting */
export const loadConfig = (env: Environment) => load(schema, env);
