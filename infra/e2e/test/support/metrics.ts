import { sectionsOf } from './documents.ts';

/** One sample of a scrape. */
export interface Sample {
  /** With `_bucket`, `_sum` or `_count` where it has one. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as it is exposed, or as the documentation has it. */
export interface MetricShape {
  readonly name: string;
  readonly type: string;
  /** In the order of the alphabet, without those that Prometheus or every series has. */
  readonly labels: readonly string[];
}

/** All samples of a service's page. */
export async function scrape(url: string): Promise<readonly Sample[]> {
  return samplesIn(await pageOf(url));
}

/** The values of a metric's series that have these labels. */
export function valuesOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): readonly number[] {
  const wanted = Object.entries(labels);
  return samples
    .filter((one) => one.name === name && wanted.every(([key, value]) => one.labels[key] === value))
    .map(({ value }) => value);
}

export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels?: Readonly<Record<string, string>>,
): number {
  return valuesOf(samples, name, labels).reduce((sum, value) => sum + value, 0);
}

/** What a service exposes; metrics without a series show no labels. */
export async function exposedMetrics(url: string): Promise<readonly MetricShape[]> {
  const page = await pageOf(url);
  const samples = samplesIn(page);
  return [...page.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => {
    const own = samples.filter(
      (one) => one.name === name || (type === 'histogram' && one.name.startsWith(`${name}_`)),
    );
    const labels = own.flatMap((one) => Object.keys(one.labels));
    return { name, type, labels: sortedLabels(labels) };
  });
}

/** The tables of docs/metrics.md, by the heading that they stand below. */
export function documentedMetrics(): ReadonlyMap<string, readonly MetricShape[]> {
  return new Map([...sectionsOf('docs/metrics.md')].map(([heading, text]) => [heading, metricsIn(text)]));
}

function metricsIn(section: string): readonly MetricShape[] {
  const rows = section.matchAll(/^\| `(\w+)` *\| (\w+) *\| ([^|]*)\|/gm);
  return [...rows].map(([, name = '', type = '', labels = '']) => ({
    name,
    type,
    labels: sortedLabels(labels.split(',').map((label) => label.trim())),
  }));
}

function sortedLabels(labels: readonly string[]): readonly string[] {
  return [...new Set(labels)].filter((label) => label !== '' && label !== 'service' && label !== 'le').sort();
}

async function pageOf(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) throw new Error(`${url}/metrics answers ${response.status}`);
  return await response.text();
}

function samplesIn(page: string): readonly Sample[] {
  return [...page.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value]) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text])),
    value: Number(value),
  }));
}
