import { buildServiceApp, type HttpApp, type ServiceAppDeps } from '@headrace/service-kit';
import type { MailCounter } from './metrics/mail-metrics.ts';
import type { EmailRecords } from './records/email-records.ts';
import { registerEmailRoutes } from './routes/emails.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'email-worker', version: '0.1.0' } as const;

const DESCRIPTION = 'Customer mail: what was sent, and the consumer group that sends it.';

export interface EmailAppDeps extends ServiceAppDeps {
  readonly records: EmailRecords;
  readonly counter: MailCounter;
}

/** The HTTP side of the email worker. It never listens. */
export async function buildApp({ records, counter, ...deps }: EmailAppDeps): Promise<HttpApp> {
  return await buildServiceApp({ ...SERVICE, description: DESCRIPTION, ...deps }, (app) => {
    registerEmailRoutes(app, records);
    app.metrics.registerMetric(counter);
  });
}
