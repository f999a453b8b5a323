import {
  consumerSettings,
  databaseSettings,
  defaultInstanceId,
  type Environment,
  httpSettings,
  loadConfig as load,
  storeSettings,
  tracingSettings,
  wholeNumber,
} from '@headrace/service-kit';
import { z } from 'zod';

const schema = z.object({
  ...httpSettings({ port: 3002, instanceId: defaultInstanceId() }),
  ...storeSettings(),
  ...tracingSettings(),
  ...databaseSettings(),
  ...consumerSettings(),
  REQUEST_TIMEOUT_MS: wholeNumber(100, 86_400_000)
    .default(35_000)
    .describe(
      'longest time to receive a request, and to answer it, in milliseconds; default 35000, since a query may wait 30000 for an event',
    ),
  DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be 1 to 63 small letters, digits and _')
    .default('projections')
    .describe('PostgreSQL schema of the read models; default projections'),
});

/** Settings of the projection service; each variable's meaning and default stands beside its schema. */
export type Config = ReturnType<typeof loadConfig>;

/** @throws ConfigError with every problem at once */
export function loadConfig(env: Environment) {
  return load(schema, env);
}
