import { expect, it } from 'vitest';
import { plot } from './plot.ts';
import { latencyChart as chart } from './results.fixture.ts';

it('labels its axes and ticks', () => {
  const svg = plot(chart).text;
  expect(svg).toContain('>events/s (log)</text>');
  expect(svg).toContain('>p99 &lt;ms&gt;</text>');
  for (const tick of ['1k', '10k', '100k', '0', '20', '40']) expect(svg).toContain(`>${tick}</text>`);
});

it('has a dot that says its numbers for each point that the axes have', () => {
  const svg = plot(chart).text;
  expect(svg.match(/<circle/g)).toHaveLength(2);
  expect(svg).toContain('<title>Headrace\nevents/s: 1,000\np99 &lt;ms&gt;: 0.40</title>');
});

it('begins a line at the left and ends it at the top', () => {
  expect(plot(chart).text).toContain('<path d="M64.0 279.6L536.0 44.0"/>');
});

it('names each series in the legend, in the colour of its line', () => {
  const svg = plot(chart).text;
  expect(svg).toContain('<li class="c0"><i></i>Headrace</li>');
  expect(svg).toContain('<li class="c1"><i></i>nobody</li>');
  expect(svg).toContain('<g class="series c0">');
});

it('hides the dots of a long series', () => {
  const points = Array.from({ length: 100 }, (_, i) => ({ x: i + 1, y: i }));
  expect(plot({ ...chart, series: [{ name: 'lag', points }] }).text).toContain('<g class="series c0 dense">');
});

it('draws nothing that is not a number', () => {
  expect(plot({ ...chart, series: [] }).text).not.toMatch(/NaN|Infinity/);
  const points = [{ x: 1_000, y: Number.POSITIVE_INFINITY }];
  expect(plot({ ...chart, series: [{ name: 'lost', points }] }).text).not.toMatch(/NaN|Infinity/);
});
