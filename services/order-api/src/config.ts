import { type Environment, loadConfig as load, serviceSettings } from '@headrace/service-kit';
import { z } from 'zod';

/** What this service reads from the environment, by variable. */
export const schema = z.object(serviceSettings(3000));

/** The settings of this service, frozen. @throws ConfigError naming every wrong setting */
export const loadConfig = (env: Environment) => load(schema, env);
