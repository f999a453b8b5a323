import type { EventMap } from '@headrace/event-schema';
import type { EventStore } from '@headrace/event-store';
import { DEFAULT_POLICY, type DeliveryPolicy } from '../delivery/delivery-policy.ts';
import { describe } from '../delivery/failure-kind.ts';
import type { ParkedReport } from '../delivery/message-facts.ts';

/** Options of every consumer. `Events` are those of the store's registry. */
export interface ConsumerOptions<Events extends EventMap = EventMap> {
  readonly store: EventStore<Events>;
  /** Consumer group: 1 to 128 letters, digits and `: _ - .`. */
  readonly group: string;
  /** This process, unique among the live members of the group. */
  readonly instance: string;
  readonly policy?: Partial<DeliveryPolicy>;
  /** How long a lease lasts without renewal, ms; also how long a crashed instance's work waits. Default 10,000. */
  readonly leaseMs?: number;
  /** Called with failures that the runtime handles by itself, for the log. Default: one line on standard error for each. */
  readonly onError?: (error: unknown) => void;
  /**
   * Called for each event that is parked for a reason of its own, and for each durable command that could not be
   * executed: an operator has to act. For a deferred event it is called once. Default: calls `onError` with an error
   * that names the event and has the handler's error as its cause.
   */
  readonly onParked?: (parked: ParkedReport) => void;
}

export type ConsumerSettings = Required<Omit<ConsumerOptions, 'policy'>> & {
  readonly policy: DeliveryPolicy;
};

const NAME = /^[A-Za-z0-9:_\-.]{1,128}$/;
const MIN_LEASE_MS = 500;

/** A parked message, where only `onError` is given. */
class ParkedError extends Error {
  constructor({ kind, type, id, stream, cause, attempts, error }: ParkedReport) {
    const why = typeof error === 'string' ? error : describe(error);
    super(`${type} ${id} of ${stream} is parked (${cause}, ${attempts} attempts): ${why}`, { cause: error });
    this.name = kind === 'event' ? 'ParkedEventError' : 'FailedCommandError';
  }
}

function tellStandardError(error: unknown): void {
  const stack = error instanceof Error && error.cause instanceof Error ? error.cause.stack : undefined;
  process.stderr.write(
    `${new Date().toISOString()} ${describe(error)}\n${stack === undefined ? '' : `${stack}\n`}`,
  );
}

/** @throws RangeError for an option outside its bounds */
export function completeSettings(options: ConsumerOptions): ConsumerSettings {
  const { store, group, instance, leaseMs = 10_000, onError = tellStandardError } = options;
  const onParked = options.onParked ?? ((parked: ParkedReport) => onError(new ParkedError(parked)));
  if (!NAME.test(group))
    throw new RangeError(`group must be 1 to 128 letters, digits and : _ - ., not "${group}"`);
  if (!NAME.test(instance)) {
    throw new RangeError(`instance must be 1 to 128 letters, digits and : _ - ., not "${instance}"`);
  }
  if (!Number.isInteger(leaseMs) || leaseMs < MIN_LEASE_MS) {
    throw new RangeError(`leaseMs must be a whole number from ${MIN_LEASE_MS} up, not ${leaseMs}`);
  }
  const policy = { ...DEFAULT_POLICY, ...options.policy };
  for (const [name, value] of Object.entries(policy)) {
    if (!Number.isInteger(value) || value < 1)
      throw new RangeError(`policy.${name} must be a whole number from 1 up`);
  }
  return { store, group, instance, policy, leaseMs, onError, onParked };
}
