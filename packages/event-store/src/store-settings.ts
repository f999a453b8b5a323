import type { EventMap, EventRegistry } from '@headrace/event-schema';

/**
 * When an append counts as done. `memory`: Redis has it. `fsync`: it is on the primary's disk. `replicated`:
 * `replicas` replicas have it too.
 */
export type Durability = 'memory' | 'fsync' | 'replicated';

export interface EventStoreOptions<Events extends EventMap = EventMap> {
  readonly redisUrl: string;
  /** What may be appended, and how what is read is brought to its newest version. */
  readonly registry: EventRegistry<Events>;
  /** Prefix of every key, without braces. Default `headrace`. */
  readonly prefix?: string;
  /** Redis streams that make up the log, 1 to 1,024; fixed when the log is created. Default 8. */
  readonly partitions?: number;
  /** Default `fsync`. */
  readonly durability?: Durability;
  /** Replicas that must confirm under `replicated`. Default 1. */
  readonly replicas?: number;
  /**
   * How long to wait for confirmations under WAIT or WAITAOF, ms; less than `commandTimeoutMs`. Default 2,000,
   * since a server with `appendfsync everysec` may take more than a second.
   */
  readonly confirmTimeoutMs?: number;
  /** Do not check the server's settings, for servers that forbid CONFIG: the operator vouches for them. Default false. */
  readonly assumeServerSettings?: boolean;
  /** How long an idempotency receipt is kept, s. Default 24 hours. */
  readonly idempotencyTtlS?: number;
  /** A load that replays more events than this saves a snapshot. Default 100. */
  readonly snapshotEvery?: number;
  /** A reply that takes longer counts as lost, ms. Default 5,000. */
  readonly commandTimeoutMs?: number;
  /**
   * How long an append waits for a connection before it is refused, ms of time in which this process runs.
   * Default 1,000.
   */
  readonly connectWaitMs?: number;
  /** How long to find out what became of an append whose reply was lost, ms. Default 5,000. */
  readonly outcomeTimeoutMs?: number;
  /** Is given what fails in the background: saving a snapshot, a lost connection. Default: ignored. */
  readonly onBackgroundError?: (error: unknown) => void;
}

export type EventStoreSettings = Required<EventStoreOptions>;

/** Limits on one append. Larger ones would stall Redis for all clients. */
export const APPEND_LIMITS = { events: 1_000, eventBytes: 512 * 1024, totalBytes: 4 * 1024 * 1024 } as const;
/** What one script call reads: at most `events`, and it ends with the event that reaches `bytes`. */
export const PAGE_LIMITS = { events: 100, bytes: 1024 * 1024 } as const;

/** @throws RangeError for an option outside its bounds. */
export function completeSettings(options: EventStoreOptions): EventStoreSettings {
  const settings: EventStoreSettings = {
    prefix: 'headrace',
    partitions: 8,
    durability: 'fsync',
    replicas: 1,
    confirmTimeoutMs: 2_000,
    assumeServerSettings: false,
    idempotencyTtlS: 86_400,
    snapshotEvery: 100,
    commandTimeoutMs: 5_000,
    connectWaitMs: 1_000,
    outcomeTimeoutMs: 5_000,
    onBackgroundError: () => undefined,
    ...options,
  };
  if (!Number.isInteger(settings.partitions) || settings.partitions < 1 || settings.partitions > 1_024) {
    throw new RangeError(`partitions must be an integer from 1 to 1024, not ${settings.partitions}`);
  }
  if (!/^[A-Za-z0-9:_\-.]{1,64}$/.test(settings.prefix)) {
    throw new RangeError(
      `prefix must be 1 to 64 letters, digits and : _ - . without braces, not "${settings.prefix}"`,
    );
  }
  for (const name of ['replicas', 'idempotencyTtlS'] as const) {
    if (!Number.isInteger(settings[name]) || settings[name] < 1)
      throw new RangeError(`${name} must be a whole number from 1 up, not ${settings[name]}`);
  }
  if (!(settings.confirmTimeoutMs < settings.commandTimeoutMs))
    throw new RangeError(
      'confirmTimeoutMs (CONFIRM_TIMEOUT_MS) must be less than commandTimeoutMs (REDIS_TIMEOUT_MS)',
    );
  return settings;
}
