import { Histogram, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';

/** What has been counted for one combination of labels. */
export interface HistogramSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
  readonly sumSeconds: number;
  /** By the smallest bucket they fit into; those above the last bucket are in `count` only. */
  readonly inBucket: readonly number[];
}

export interface SeriesHistogramOptions {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds, ascending. */
  readonly bucketsSeconds: readonly number[];
  /** Asked at every scrape. */
  readonly series: () => readonly HistogramSeries[];
}

/**
 * A histogram of durations that others count: prom-client's own looks a series up by hashing its labels at every
 * observation, which took as long as validating a small body.
 */
export class SeriesHistogram extends Histogram<string> {
  readonly #options: SeriesHistogramOptions;
  /** Never observed: says how a histogram describes itself. */
  readonly #blank: Histogram;

  constructor(registry: Registry, options: SeriesHistogramOptions) {
    const { name, help, labelNames } = options;
    super({ name, help, labelNames: [...labelNames], registers: [registry] });
    this.#options = options;
    this.#blank = new Histogram({ name, help, registers: [] });
  }

  override async get(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    const values = this.#options.series().flatMap((series) => this.#export(series));
    return { ...(await this.#blank.get()), values };
  }

  /** What prom-client prints; its own version would print the series that it does not have. */
  getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    return this.get();
  }

  #export(series: HistogramSeries): MetricValueWithName<string>[] {
    const { labels, count, sumSeconds, inBucket } = series;
    const { name, bucketsSeconds } = this.#options;
    let cumulative = 0;
    const bucket = (le: string | number, value: number): MetricValueWithName<string> => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le },
      value,
    });
    const buckets = bucketsSeconds.map((le, index) => {
      cumulative += inBucket[index] ?? 0;
      return bucket(le, cumulative);
    });
    return [
      ...buckets,
      bucket('+Inf', count),
      { metricName: `${name}_sum`, labels, value: sumSeconds },
      { metricName: `${name}_count`, labels, value: count },
    ];
  }
}
