/** How deliveries are bounded and retried; one policy for a whole consumer. */
export interface DeliveryPolicy {
  /** Events handled at once on one partition, one for each stream at a time. Default 10. */
  readonly concurrency: number;
  /** Events read, and in transactional mode committed, at once. Default 500. */
  readonly batchSize: number;
  /** Times a poison event is tried before it is parked. Default 3. */
  readonly maxAttempts: number;
  /**
   * Times the process may die while it handles an event alone before the event is parked. The death that led to this, with
   * a batch in hand, does not count. Default 3.
   */
  readonly maxCrashes: number;
  /** Times an event is tried in place whose failure may pass; then it is deferred. Default 10, which is about 20 s. */
  readonly deferAfter: number;
  /** Time until a deferred event is tried again, ms. Default 30,000. */
  readonly deferMs: number;
  /** Streams of one partition that may be deferred at once; at the bound their events are tried in place. Default 100. */
  readonly maxDeferredStreams: number;
  /** First delay before a retry, ms; doubles, with jitter. Default 100. */
  readonly retryBaseMs: number;
  /** Longest delay between retries in place, ms. Default 5,000. */
  readonly retryCapMs: number;
  /** Parked events of one stream at most; at the bound the partition pauses. Default 1,000. */
  readonly maxParkedPerStream: number;
  /** Blocked streams of one partition at most; at the bound the partition pauses. Default 1,000. */
  readonly maxBlockedStreams: number;
  /** Streams that must fail, with none succeeding meanwhile, to count as an outage and not as poison. Default 5. */
  readonly systemicStreams: number;
}

export const DEFAULT_POLICY: DeliveryPolicy = {
  concurrency: 10,
  batchSize: 500,
  maxAttempts: 3,
  maxCrashes: 3,
  deferAfter: 10,
  deferMs: 30_000,
  maxDeferredStreams: 100,
  retryBaseMs: 100,
  retryCapMs: 5_000,
  maxParkedPerStream: 1_000,
  maxBlockedStreams: 1_000,
  systemicStreams: 5,
};
