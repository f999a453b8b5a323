import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';

const NAME = 'headrace_http_request_duration_seconds';
const HELP = 'Time from the first byte of a request to the end of its answer';
const BUCKETS_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export type RequestLabel = 'method' | 'route' | 'status';
type SampleLabel = RequestLabel | 'le';
export type RequestLabels = Readonly<Record<RequestLabel, string>>;

/** What has been counted for one combination of labels. */
export class RequestSeries {
  readonly labels: RequestLabels;
  count = 0;
  sumSeconds = 0;
  /** Requests by the smallest bucket they fit into; those above the last bucket are in `count` only. */
  readonly inBucket: number[] = BUCKETS_SECONDS.map(() => 0);

  constructor(labels: RequestLabels) {
    this.labels = labels;
  }

  observe(seconds: number): void {
    this.count += 1;
    this.sumSeconds += seconds;
    const bucket = BUCKETS_SECONDS.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.inBucket[bucket] = (this.inBucket[bucket] ?? 0) + 1;
  }
}

/**
 * A histogram whose series are handed out once and then count by themselves: prom-client's own looks a series up by
 * hashing its labels at every observation, which took as long as validating a small body.
 */
export class RequestHistogram extends Histogram<SampleLabel> {
  readonly #series: RequestSeries[] = [];
  /** Never observed: says how a histogram describes itself. */
  readonly #blank = new Histogram({ name: NAME, help: HELP, registers: [] });

  constructor(registry: Registry) {
    super({ name: NAME, help: HELP, labelNames: ['method', 'route', 'status'], registers: [registry] });
  }

  get series(): readonly RequestSeries[] {
    return this.#series;
  }

  addSeries(labels: RequestLabels): RequestSeries {
    const created = new RequestSeries(labels);
    this.#series.push(created);
    return created;
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<SampleLabel>>> {
    return { ...(await this.#blank.get()), values: this.#series.flatMap(exportSeries) };
  }

  /** What prom-client prints; its own version would print the series that it does not have. */
  getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<SampleLabel>>> {
    return this.get();
  }
}

function exportSeries(series: RequestSeries): MetricValueWithName<SampleLabel>[] {
  const { labels, count, sumSeconds, inBucket } = series;
  let cumulative = 0;
  const buckets = BUCKETS_SECONDS.map((le, index) => {
    cumulative += inBucket[index] ?? 0;
    return { metricName: `${NAME}_bucket`, labels: { ...labels, le }, value: cumulative };
  });
  return [
    ...buckets,
    { metricName: `${NAME}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
    { metricName: `${NAME}_sum`, labels, value: sumSeconds },
    { metricName: `${NAME}_count`, labels, value: count },
  ];
}
