import type { ConsumerAdmin } from '@headrace/consumer';
import {
  buildHttpApp,
  type HttpApp,
  type HttpAppOptions,
  registerConsumerMetrics,
  registerConsumerRoutes,
} from '@headrace/service-kit';
import type { MailCounter } from './metrics/mail-metrics.ts';
import type { EmailRecords } from './records/email-records.ts';
import { registerEmailRoutes } from './routes/emails.ts';

export interface AppDeps {
  /** Everything that services share; name, version and description are set here. */
  readonly http: Omit<HttpAppOptions, 'name' | 'version' | 'description'>;
  readonly admin: ConsumerAdmin;
  readonly records: EmailRecords;
  readonly counter: MailCounter;
}

/** The email worker's HTTP side; never listens. */
export async function buildApp({ http, admin, records, counter }: AppDeps): Promise<HttpApp> {
  const app = await buildHttpApp({
    ...http,
    name: 'email-worker',
    version: '0.1.0',
    description: 'Customer mail: what was sent, and the consumer group that sends it.',
  });
  registerEmailRoutes(app, records);
  registerConsumerRoutes(app, [admin]);
  registerConsumerMetrics(app.metrics, [admin]);
  app.metrics.registerMetric(counter);
  return app;
}
