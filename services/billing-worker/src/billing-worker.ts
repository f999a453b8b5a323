import { type ConsumerAdmin, createTransactionalConsumer, type ParkedReport } from '@headrace/consumer';
import type { EventStore } from '@headrace/event-store';
import { createPostgresSink } from '@headrace/postgres';
import { createBackgroundLoop } from './background-loop.ts';
import type { BillingDatabase } from './database/billing-database.ts';
import { cancelOverdueOrders } from './deadline/cancel-overdue-orders.ts';
import type { PaymentDeadline } from './domain/deadline.ts';
import { billOrders } from './handlers/bill-orders.ts';
import { sendCommands } from './outbox/send-commands.ts';

const SEND_EVERY_MS = 200;
const LOOK_FOR_OVERDUE_EVERY_MS = 1_000;

export interface BillingWorkerOptions {
  readonly store: EventStore;
  readonly database: BillingDatabase;
  readonly instance: string;
  readonly leaseMs: number;
  /** For orders billed from now on. */
  readonly deadline: PaymentDeadline;
  readonly now: () => Date;
  /** Told of failures that are dealt with by trying again; `doing` says at what. */
  readonly onError: (doing: string, error: unknown) => void;
  /** Told of events that are parked; default `onError`. */
  readonly onParked?: (parked: ParkedReport) => void;
}

/** What runs beside HTTP. */
export interface BillingWorker {
  readonly admin: ConsumerAdmin;
  /** The store must be open and the database migrated. */
  start(): void;
  /** Finishes what is under way. Store and database stay the caller's to close. */
  stop(): Promise<void>;
}

/**
 * The consumer group `billing`, the sender of its outbox, and the sweep for overdue orders. The sweep runs without
 * a deadline set, too: orders that were billed under one keep it.
 */
export function createBillingWorker(options: BillingWorkerOptions): BillingWorker {
  const { store, database, instance, leaseMs, deadline, now, onError, onParked } = options;
  const { db } = database;
  const consumer = createTransactionalConsumer({
    store,
    group: 'billing',
    instance,
    leaseMs,
    sink: createPostgresSink(database),
    handler: billOrders(deadline, now),
    onError: (error) => onError('billing orders', error),
    ...(onParked === undefined ? {} : { onParked }),
  });
  const sender = createBackgroundLoop({
    everyMs: SEND_EVERY_MS,
    work: () =>
      sendCommands({
        db,
        send: (command) => store.sendCommand(command),
        onRefused: (key, error) => onError(`sending command ${key}, which was refused`, error),
      }),
    onError: (error) => onError('sending commands', error),
  });
  const sweep = createBackgroundLoop({
    everyMs: LOOK_FOR_OVERDUE_EVERY_MS,
    work: () => cancelOverdueOrders(db, now()),
    onError: (error) => onError('looking for overdue orders', error),
  });
  return {
    admin: consumer.admin,
    start: () => {
      consumer.start();
      sender.start();
      sweep.start();
    },
    stop: async () => {
      await Promise.all([consumer.stop(), sweep.stop(), sender.stop()]);
    },
  };
}
