import { buildServiceApp, type HttpApp, type ServiceAppDeps } from '@headrace/service-kit';
import { orderProblems } from './problems.ts';
import { registerChanges } from './routes/changes.ts';
import { registerCreation } from './routes/creation.ts';
import { registerReading } from './routes/reading.ts';
import type { WriteDeps } from './routes/write.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'order-api', version: '0.1.0' } as const;

const DESCRIPTION = `Places orders and leads them to delivery; every change is an event.

Amounts are decimal numbers with no more digits than their currency has. Send an \`Idempotency-Key\` with a write,
and it is safe to repeat: the repeat gets the first answer. A key stands for one request, for at least 24 hours.
\`ETag\` is the order's version; pin it with \`If-Match\`.`;

export type OrderApiDeps = WriteDeps & Omit<ServiceAppDeps, 'store' | 'database'>;

/** The HTTP side of orders. It never listens; the store stays the caller's to close. */
export async function buildApp({ newOrderId, ...deps }: OrderApiDeps): Promise<HttpApp> {
  const { store } = deps;
  const service = { ...SERVICE, description: DESCRIPTION, problemMappers: [orderProblems] };
  return await buildServiceApp({ ...service, ...deps }, (app) => {
    registerCreation(app, { store, newOrderId });
    registerChanges(app, { store, newOrderId });
    registerReading(app, { store });
  });
}
