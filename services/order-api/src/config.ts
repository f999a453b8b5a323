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
export function loadOrderApiConfig(env: Environment) {
  return loadConfig(
    z.object({
      ...httpSettings({ port: 3000, instanceId: defaultInstanceId() }),
      ...storeSettings(),
      ...tracingSettings(),
      ...consumerSettings(),
    }),
    env,
  );
}
