import { type Environment, loadConfig as load, serviceSettings } from '@headrace/service-kit';
import { z } from 'zod';

/** What this service reads from the environment, by variable. */
export const schema = z.object({
  ...serviceSettings(3001),
  UNREGISTERED_TYPES: z
    .enum(['accept', 'refuse'], { error: 'must be accept or refuse' })
    .default('accept')
    .describe('what POST /api/events does with an event type that has no contract; default accept'),
});

export type Config = z.output<typeof schema>;

/** The settings of this service, frozen. @throws ConfigError naming every wrong setting */
export const loadConfig = (env: Environment) => load(schema, env);
