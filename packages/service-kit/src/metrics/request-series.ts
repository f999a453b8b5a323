import type { HistogramSeries } from './series-histogram.ts';

/** Upper bounds of the buckets of requests, s. */
export const REQUEST_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

export type RequestLabels = Readonly<Record<'method' | 'route' | 'status', string>>;

/** What has been counted for one route, method and status; handed out once and then counts by itself. */
export class RequestSeries implements HistogramSeries {
  readonly labels: RequestLabels;
  count = 0;
  sumSeconds = 0;
  readonly inBucket: number[] = REQUEST_BUCKETS_SECONDS.map(() => 0);

  constructor(labels: RequestLabels) {
    this.labels = labels;
  }

  observe(seconds: number): void {
    this.count += 1;
    this.sumSeconds += seconds;
    const bucket = REQUEST_BUCKETS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.inBucket[bucket] = (this.inBucket[bucket] ?? 0) + 1;
  }
}
