import { randomUUID } from 'node:crypto';
import { createDecidedCommandConsumers } from '@headrace/consumer';
import type { ServiceConfig, ServiceDefinition } from '@headrace/service-kit';
import { shopRegistry } from '@headrace/shop';
import { buildApp, SERVICE } from './app.ts';
import { orderCommands } from './commands/order-commands.ts';
import { loadConfig } from './config.ts';

/** Takes orders over HTTP, and executes the durable commands about them. */
export const orderApi: ServiceDefinition<ServiceConfig, undefined> = {
  ...SERVICE,
  config: loadConfig,
  registry: () => shopRegistry,
  build: async ({ store, http, consumerOptions }) => {
    const options = consumerOptions('executing durable commands');
    const consumers = createDecidedCommandConsumers({ ...options, commands: orderCommands });
    const admins = consumers.map(({ admin }) => admin);
    const app = await buildApp({ store, newOrderId: randomUUID, consumers: admins, ...http });
    return { app, background: consumers };
  },
};
