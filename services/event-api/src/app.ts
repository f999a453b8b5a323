import type { EventStore } from '@headrace/event-store';
import { buildServiceApp, type HttpApp, type ServiceAppDeps } from '@headrace/service-kit';
import { createCommands } from './commands/kinds.ts';
import { eventApiProblems, withFailureMembers } from './problems.ts';
import { registerAppend } from './routes/append.ts';
import { registerCommandStatus } from './routes/command-status.ts';
import { registerCommands } from './routes/commands.ts';
import { registerHealth } from './routes/health.ts';
import { registerLog } from './routes/log.ts';
import { registerReading } from './routes/reading.ts';
import { registerReplay } from './routes/replay.ts';
import { registerSnapshots } from './routes/snapshots.ts';

/** What this service is called, in its documentation, logs, metrics and traces. */
export const SERVICE = { name: 'event-api', version: '0.1.0' } as const;

const DESCRIPTION = `The event store over HTTP: events of any stream and type, commands on accounts and users, snapshots, replay.

Every success is \`{ success: true, data }\`. In commands and states money is a decimal number; in the data of events it
is what their contract says, \`{ minor, currency }\`. Send an \`Idempotency-Key\` with a write, and it is safe to repeat:
the repeat gets the first answer. A key stands for one request, for at least 24 hours. \`ETag\` is the stream's version;
pin it with \`If-Match\`.`;

export interface EventApiDeps extends Omit<ServiceAppDeps, 'store' | 'database'> {
  readonly store: EventStore;
  readonly now: () => Date;
}

/** The HTTP side of the event store. It never listens; the store stays the caller's to close. */
export async function buildApp({ now, ...deps }: EventApiDeps): Promise<HttpApp> {
  const { store } = deps;
  const problems = { problemMappers: [eventApiProblems], decorateProblem: withFailureMembers };
  return await buildServiceApp({ ...SERVICE, description: DESCRIPTION, ...problems, ...deps }, (app) => {
    registerAppend(app, store);
    registerLog(app, store);
    registerReading(app, store);
    registerReplay(app, store);
    registerCommands(app, { store, kinds: createCommands(now).kinds });
    registerCommandStatus(app, store);
    registerSnapshots(app, store);
    registerHealth(app, store, now);
  });
}
