import type { ConsumerAdmin } from '@headrace/consumer';
import {
  buildHttpApp,
  type HttpApp,
  type HttpAppOptions,
  registerConsumerMetrics,
  registerConsumerRoutes,
  registerStoreMetrics,
} from '@headrace/service-kit';
import { orderProblems } from './problems.ts';
import { registerDraftChanges, registerFulfilment, registerReversal } from './routes/changes.ts';
import { registerCreation } from './routes/creation.ts';
import { registerReading } from './routes/reading.ts';
import type { WriteDeps } from './routes/write.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'order-api', version: '0.1.0' } as const;

const DESCRIPTION = `Places orders and leads them to delivery; every change is an event.

Amounts are decimal numbers with no more digits than their currency has. Send an \`Idempotency-Key\` with a write,
and it is safe to repeat: the repeat gets the first answer. A key stands for one request, for at least 24 hours.
\`ETag\` is the order's version; pin it with \`If-Match\`.`;

export interface OrderApiDeps extends WriteDeps, Omit<HttpAppOptions, 'name' | 'version' | 'description'> {
  /** The consumer groups that run in this process. */
  readonly consumers: readonly ConsumerAdmin[];
}

/** The HTTP side of orders. It never listens; the store stays the caller's to close. */
export async function buildApp({ store, newOrderId, consumers, ...http }: OrderApiDeps): Promise<HttpApp> {
  const app = await buildHttpApp({
    ...SERVICE,
    description: DESCRIPTION,
    checks: { redis: () => store.check() },
    problemMappers: [orderProblems],
    ...http,
  });
  registerCreation(app, { store, newOrderId });
  registerDraftChanges(app, { store, newOrderId });
  registerFulfilment(app, { store, newOrderId });
  registerReversal(app, { store, newOrderId });
  registerReading(app, { store });
  registerConsumerRoutes(app, consumers);
  registerConsumerMetrics(app.metrics, consumers);
  registerStoreMetrics(app.metrics, store);
  return app;
}
