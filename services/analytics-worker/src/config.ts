import {
  databaseSettings,
  type Environment,
  loadConfig as load,
  schemaSetting,
  serviceSettings,
} from '@headrace/service-kit';
import { z } from 'zod';

/** What this service reads from the environment, by variable. */
export const schema = z.object({
  ...serviceSettings(3004),
  ...databaseSettings(),
  ...schemaSetting('analytics', 'of the numbers and their checkpoints'),
});

export type Config = z.output<typeof schema>;

/** The settings of this service, frozen. @throws ConfigError naming every wrong setting */
export const loadConfig = (env: Environment) => load(schema, env);
