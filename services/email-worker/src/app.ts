import type { ConsumerAdmin } from '@headrace/consumer';
import {
  buildHttpApp,
  type HttpApp,
  type HttpAppOptions,
  type MeasuredStore,
  registerConsumerMetrics,
  registerConsumerRoutes,
  registerStoreMetrics,
} from '@headrace/service-kit';
import type { MailCounter } from './metrics/mail-metrics.ts';
import type { EmailRecords } from './records/email-records.ts';
import { registerEmailRoutes } from './routes/emails.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'email-worker', version: '0.1.0' } as const;

export interface AppDeps {
  /** Everything that services share; name, version and description are set here. */
  readonly http: Omit<HttpAppOptions, 'name' | 'version' | 'description'>;
  readonly store: MeasuredStore;
  readonly admin: ConsumerAdmin;
  readonly records: EmailRecords;
  readonly counter: MailCounter;
}

/** The email worker's HTTP side; never listens. */
export async function buildApp({ http, store, admin, records, counter }: AppDeps): Promise<HttpApp> {
  const app = await buildHttpApp({
    ...http,
    ...SERVICE,
    description: 'Customer mail: what was sent, and the consumer group that sends it.',
  });
  registerEmailRoutes(app, records);
  registerConsumerRoutes(app, [admin]);
  registerConsumerMetrics(app.metrics, [admin]);
  registerStoreMetrics(app.metrics, store);
  app.metrics.registerMetric(counter);
  return app;
}
