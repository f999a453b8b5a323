/** One axis of a plot. */
export interface Scale {
  /** Round numbers, ascending. */
  readonly ticks: readonly number[];
  /** Where on the axis a value is, 0 at its beginning and 1 at its end. */
  place(value: number): number;
}

/** An axis on which all of the values have room. Those that a logarithm does not have are not asked about. */
export function scaleOf(kind: 'linear' | 'log', values: readonly number[]): Scale {
  return kind === 'linear' ? linearScale(values) : logScale(values.filter((value) => value > 0));
}

const WANTED_STEPS = 6;

/** Begins at zero, so that lengths can be compared, and ends at a tick. */
function linearScale(values: readonly number[]): Scale {
  const lowest = Math.min(0, ...values);
  const highest = Math.max(0, ...values);
  const step = niceStep((highest - lowest || 1) / WANTED_STEPS);
  const first = Math.floor(lowest / step);
  const last = Math.max(Math.ceil(highest / step), first + 1);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => tidy((first + i) * step));
  return { ticks, place: (value) => (value / step - first) / (last - first) };
}

/** The nearest of 1, 2, 5 times a power of ten that is not smaller. */
function niceStep(least: number): number {
  return oneTwoFives(least, least).find((step) => step >= least) ?? least;
}

/** From one of 1, 2, 5 times a power of ten to another, with a tick at each power where there are some. */
function logScale(values: readonly number[]): Scale {
  const lowest = values.length === 0 ? 1 : Math.min(...values);
  const highest = values.length === 0 ? 10 : Math.max(...values);
  const round = oneTwoFives(lowest, highest);
  const low = round.findLast((value) => value <= lowest) ?? lowest;
  const high = round.find((value) => value >= highest && value > low) ?? highest;
  const inside = round.filter((value) => value >= low && value <= high);
  const powers = inside.filter((value) => Number.isInteger(Math.log10(value)));
  const span = Math.log10(high / low);
  return {
    ticks: powers.length >= 3 ? powers : inside,
    place: (value) => Math.log10(value / low) / span,
  };
}

/** 1, 2, 5 times the powers of ten, from below `lowest` to above `highest`. */
function oneTwoFives(lowest: number, highest: number): readonly number[] {
  const first = Math.floor(Math.log10(lowest));
  const powers = Math.ceil(Math.log10(highest)) - first + 2;
  // Read as literals, because 5 * 10 ** -6 is not 0.000005.
  return Array.from({ length: powers }, (_, i) => [1, 2, 5].map((n) => Number(`${n}e${first + i}`))).flat();
}

function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
