import { readFile } from 'node:fs/promises';

/** Processor time of the whole machine since it started, in ticks; `stolen` went to other machines of its host. */
export interface ProcessorTime {
  readonly total: number;
  readonly stolen: number;
}

/** From Linux's `/proc/stat`; undefined on other systems. */
export async function processorTime(): Promise<ProcessorTime | undefined> {
  const text = await readFile('/proc/stat', 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parseProcessorTime(text);
}

/** `cpu user nice system idle iowait irq softirq steal …`; the later fields are included in these. */
export function parseProcessorTime(stat: string): ProcessorTime | undefined {
  const line = /^cpu +(.*)$/m.exec(stat)?.[1];
  if (line === undefined) return undefined;
  const ticks = line.split(' ').slice(0, 8).map(Number);
  return { total: ticks.reduce((sum, each) => sum + each, 0), stolen: ticks[7] ?? 0 };
}

/** Percentage of the time in between that the host gave to other machines. */
export function stolenPercent(from?: ProcessorTime, until?: ProcessorTime): number | undefined {
  if (from === undefined || until === undefined || until.total <= from.total) return undefined;
  return Math.round((100 * (until.stolen - from.stolen)) / (until.total - from.total));
}
