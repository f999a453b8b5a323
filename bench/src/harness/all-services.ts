import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '@headrace/event-store';
import { findFreePort, startMail } from '@headrace/local';
import type { Bench } from './bench.ts';
import type { OnEnd } from './closing.ts';
import { groupLags } from './group-lag.ts';
import { dropSchema } from './schema.ts';
import { type ServerProcess, startService } from './service.ts';

const NAMES = [
  'order-api',
  'event-api',
  'email-worker',
  'analytics-worker',
  'billing-worker',
  'projection-service',
] as const;
const CONSUMER_GROUPS = 9;
const POLL_MS = 250;

export type ServiceName = (typeof NAMES)[number];
export type Services = ReadonlyMap<ServiceName, ServerProcess>;

/** One process of every service, each with its own schema, and a mail server that delivers nothing. */
export async function startAllServices(
  bench: Bench,
  onEnd: OnEnd,
  env: Readonly<Record<string, string>> = {},
): Promise<Services> {
  const mails = await mkdtemp(`${tmpdir()}/headrace-bench-`);
  onEnd(() => rm(mails, { recursive: true, force: true }));
  const mail = await startMail({ dir: mails, smtpPort: await findFreePort(), webPort: await findFreePort() });
  onEnd(() => mail.stop());
  const services = new Map<ServiceName, ServerProcess>();
  for (const name of NAMES) {
    const schema = `bench_${name.replaceAll('-', '_')}`;
    onEnd(() => dropSchema(bench.postgres.url, schema));
    const service = await startService(bench, name, { ...env, DATABASE_SCHEMA: schema, SMTP_URL: mail.url });
    onEnd(() => service.stop());
    services.set(name, service);
  }
  return services;
}

/** Resolves when every group of the services has handled all that is in the log. */
export async function untilHandled(store: EventStore, services: Services, patienceMs: number): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const lags = await groupLags(store);
    if (lags.size >= CONSUMER_GROUPS && [...lags.values()].every((lag) => lag === 0)) return;
    if (performance.now() > deadline) throw new Error(`still behind: ${JSON.stringify([...lags])}`);
    for (const service of services.values()) await service.requireAlive();
    await sleep(POLL_MS);
  }
}
