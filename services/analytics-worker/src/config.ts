import {
  consumerSettings,
  databaseSettings,
  defaultInstanceId,
  type Environment,
  httpSettings,
  loadConfig as load,
  storeSettings,
  tracingSettings,
} from '@headrace/service-kit';
import { z } from 'zod';

const schema = z.object({
  ...httpSettings({ port: 3004, instanceId: defaultInstanceId() }),
  ...storeSettings(),
  ...tracingSettings(),
  ...databaseSettings(),
  ...consumerSettings(),
  DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be 1 to 63 small letters, digits and _')
    .default('analytics')
    .describe('PostgreSQL schema of the numbers and their checkpoints; default analytics'),
});

/** Settings of the analytics worker; each variable's meaning and default stands beside its schema. */
export type Config = ReturnType<typeof loadConfig>;

/** @throws ConfigError with every problem at once */
export function loadConfig(env: Environment) {
  return load(schema, env);
}
