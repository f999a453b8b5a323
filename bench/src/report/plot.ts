import type { Chart, Series } from '../harness/results.ts';
import { compact, figure } from './figures.ts';
import { type Markup, markup } from './markup.ts';
import { type Scale, scaleOf } from './scale.ts';

/** In units of the SVG, which is scaled to the width that the page has. */
const WIDTH = 560;
const HEIGHT = 344;
const LEFT = 64;
const RIGHT = WIDTH - 24;
const TOP = 44;
const BOTTOM = HEIGHT - 62;

/** Colours of the style sheet; a chart with more series uses them again. */
const COLOURS = 8;
/** With more points their dots would hide the line: they show when pointed at. */
const DOTTED_POINTS = 40;

type Point = Series['points'][number];

/** Where a point is drawn. */
interface Projection {
  readonly x: Scale;
  readonly y: Scale;
}

/** A line plot with its legend. Points that a logarithmic axis does not have are left out. */
export function plot(chart: Chart): Markup {
  const series = chart.series.map(({ name, points }) => ({ name, points: points.filter(drawableOn(chart)) }));
  const points = series.flatMap((one) => one.points);
  const on: Projection = {
    x: scaleOf(
      chart.x.scale,
      points.map(({ x }) => x),
    ),
    y: scaleOf(
      chart.y.scale,
      points.map(({ y }) => y),
    ),
  };
  return markup`<figure>
<figcaption>${chart.title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.title}">
${axes(chart, on)}
${series.map((one, index) => line(one, index, chart, on))}
</svg>
${legend(series)}
</figure>
`;
}

function drawableOn({ x, y }: Chart): (point: Point) => boolean {
  const drawable = (value: number, scale: 'linear' | 'log'): boolean =>
    Number.isFinite(value) && (scale === 'linear' || value > 0);
  return (point) => drawable(point.x, x.scale) && drawable(point.y, y.scale);
}

function axes(chart: Chart, { x, y }: Projection): Markup {
  return markup`<g class="grid">${x.ticks.map(
    (tick) => markup`<path d="M${across(x, tick)} ${TOP}V${BOTTOM}"/>`,
  )}${y.ticks.map((tick) => markup`<path d="M${LEFT} ${up(y, tick)}H${RIGHT}"/>`)}</g>
<path class="axis" d="M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}"/>
<g class="ticks" text-anchor="middle">${x.ticks.map(
    (tick) => markup`<text x="${across(x, tick)}" y="${BOTTOM + 30}">${compact(tick)}</text>`,
  )}</g>
<g class="ticks" text-anchor="end">${y.ticks.map(
    (tick) => markup`<text x="${LEFT - 8}" y="${up(y, tick)}" dy="0.35em">${compact(tick)}</text>`,
  )}</g>
<text class="label" x="2" y="18">${labelOf(chart.y)}</text>
<text class="label" x="${RIGHT}" y="${HEIGHT - 7}" text-anchor="end">${labelOf(chart.x)}</text>`;
}

function line({ name, points }: Series, index: number, { x, y }: Chart, on: Projection): Markup {
  const path = points.map((point) => `${across(on.x, point.x)} ${up(on.y, point.y)}`).join('L');
  const tip = (point: Point): string =>
    `${name}\n${x.label}: ${figure(point.x)}\n${y.label}: ${figure(point.y)}`;
  const dots = points.map(
    (point) =>
      markup`<circle cx="${across(on.x, point.x)}" cy="${up(on.y, point.y)}" r="4"><title>${tip(point)}</title></circle>`,
  );
  return markup`<g class="series ${colour(index)}${points.length > DOTTED_POINTS ? ' dense' : ''}">
${points.length > 1 ? markup`<path d="M${path}"/>` : []}${dots}
</g>
`;
}

function legend(series: readonly Series[]): Markup {
  const items = series.map(({ name }, index) => markup`<li class="${colour(index)}"><i></i>${name}</li>`);
  return markup`<ul class="legend">${items}</ul>`;
}

function labelOf({ label, scale }: Chart['x']): string {
  return scale === 'log' ? `${label} (log)` : label;
}

function colour(index: number): string {
  return `c${index % COLOURS}`;
}

function across(scale: Scale, value: number): string {
  return (LEFT + scale.place(value) * (RIGHT - LEFT)).toFixed(1);
}

function up(scale: Scale, value: number): string {
  return (BOTTOM - scale.place(value) * (BOTTOM - TOP)).toFixed(1);
}
