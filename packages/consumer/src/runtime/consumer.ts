import type { ConsumerAdmin } from '../admin/consumer-admin.ts';

/** One instance of a consumer group. */
export interface Consumer {
  readonly admin: ConsumerAdmin;
  /** Joins the group and begins to work. The store must be open. */
  start(): void;
  /**
   * Reads no more, finishes what is in flight, acknowledges it, gives its leases back and leaves the group. Closes
   * its own connections, but neither the store nor the sink.
   */
  stop(): Promise<void>;
}
