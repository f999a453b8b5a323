import { createDecidedCommandConsumers } from '@headrace/consumer';
import { createRegistry } from '@headrace/event-schema';
import type { ServiceDefinition } from '@headrace/service-kit';
import { shopContracts, shopRules } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { createCommands } from './commands/kinds.ts';
import { type Config, loadConfig } from './config.ts';

/** The event store over HTTP; executes commands on accounts and users, durable ones too. */
export const eventApi: ServiceDefinition<Config, undefined> = {
  ...SERVICE,
  config: loadConfig,
  registry: ({ UNREGISTERED_TYPES: unregisteredTypes }) =>
    createRegistry(shopContracts, { rules: shopRules, unregisteredTypes }),
  build: async ({ store, http, consumerOptions }) => {
    const now = () => new Date();
    const options = consumerOptions('executing durable commands');
    const consumers = createDecidedCommandConsumers({ ...options, commands: createCommands(now) });
    const admins = consumers.map(({ admin }) => admin);
    const app = await buildApp({ store, now, consumers: admins, ...http });
    return { app, background: consumers };
  },
};
