import {
  consumerSettings,
  defaultInstanceId,
  type Environment,
  httpSettings,
  loadConfig,
  storeSettings,
  tracingSettings,
} from '@headrace/service-kit';
import { z } from 'zod';

/** The settings of this process, frozen. @throws ConfigError naming every wrong setting */
export function loadEventApiConfig(env: Environment) {
  return loadConfig(
    z.object({
      ...httpSettings({ port: 3001, instanceId: defaultInstanceId() }),
      ...storeSettings(),
      ...tracingSettings(),
      ...consumerSettings(),
      UNREGISTERED_TYPES: z
        .enum(['accept', 'refuse'], { error: 'must be accept or refuse' })
        .default('accept')
        .describe('what POST /api/events does with an event type that has no contract; default accept'),
    }),
    env,
  );
}
