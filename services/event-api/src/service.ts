import { createDecidedCommandConsumers } from '@headrace/consumer';
import type { ServiceDefinition } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { createCommands } from './commands/kinds.ts';
import { type Config, loadConfig } from './config.ts';

/** The event store over HTTP; executes commands on accounts and users, durable ones too. */
export const eventApi: ServiceDefinition<Config, undefined> = {
  ...SERVICE,
  config: loadConfig,
  registry: shopRegistry,
  build: async ({ store, http, config, consumerOptions }) => {
    const now = () => new Date();
    const options = consumerOptions('executing durable commands');
    const consumers = createDecidedCommandConsumers({ ...options, commands: createCommands(now) });
    const admins = consumers.map(({ admin }) => admin);
    const { UNREGISTERED_TYPES: unregisteredTypes } = config;
    const app = await buildApp({ store, now, unregisteredTypes, consumers: admins, ...http });
    return { app, background: consumers };
  },
};
