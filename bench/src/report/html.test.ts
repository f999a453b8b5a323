import { expect, it } from 'vitest';
import { toHtml } from './html.ts';
import { invented } from './results.fixture.ts';

const page = toHtml(invented);

it('says when, on what machine, and how much was reached', () => {
  expect(page).toContain('<p class="summary">2 of 3 targets reached</p>');
  expect(page).toContain('14 March 2026 at 09:26 UTC');
  expect(page).toContain('<dt>Redis</dt><dd>7.0.15</dd>');
});

it('shows each target as a bar against its mark', () => {
  const bars = page.match(/<i class="bar[^>]*><\/i><i class="goal" style="left:33.33%">/g);
  expect(bars?.map((bar) => /class="(.*?)" style="width:(.*?)"/.exec(bar)?.slice(1))).toEqual([
    ['bar', '37.33%'],
    ['bar', '33.33%'],
    ['bar beyond', '100%'],
  ]);
  expect(page.match(/<li class="met">\n/g)).toHaveLength(2);
  expect(page.match(/<li class="missed">\n/g)).toHaveLength(1);
});

it('shows each contender with a bar as long as its median', () => {
  expect(page).toContain(
    '<th scope="row">Headrace</th><td class="track"><span><i class="bar" style="width:95.42%">',
  );
  expect(page).toContain('<td class="median">28,912</td><td class="spread">27,000–30,300</td>');
  expect(page).toContain('<td data-label="p99 ms">4.81</td>');
  expect(page).toContain('<small>events/s, more is better</small>');
  expect(page).toContain('<small>ms, less is better</small>');
});

it('lists the verdicts of a row, and its note', () => {
  expect(page).toContain('<li class="met">✓ 1.12 × two XADDs (wanted ≥ 1.00)</li>');
  expect(page).toContain('<li class="missed">✗ 14.999 × Emmett (wanted ≥ 15.0)</li>');
  expect(page).toContain('<p class="note">Each append creates a stream.</p>');
});

it('draws the charts', () => {
  expect(page).toContain('<svg viewBox="0 0 560 344" role="img" aria-label="Latency against throughput">');
});

it('escapes what scenarios say', () => {
  expect(page).toContain('2 × Example &lt;CPU&gt; &amp; co');
  expect(page).toContain('two &lt;b&gt;XADDs&lt;/b&gt; | &quot;bare&quot;');
  expect(page).not.toContain('<b>XADDs');
});

it('asks nobody for anything', () => {
  expect(page).not.toMatch(/https?:|<script|url\(|@import|src=/);
});

it('has no bar for what was not measured', () => {
  const value = { median: Number.NaN, low: Number.POSITIVE_INFINITY, high: Number.NEGATIVE_INFINITY };
  const row = { title: 'nothing', unit: 's', measured: [{ name: 'nobody', value }], verdicts: [] };
  const empty = toHtml({ ...invented, scenarios: [{ name: 'empty', rows: [row] }] });
  expect(empty).toContain('<i class="bar" style="width:0%">');
  expect(empty).not.toMatch(/NaN|Infinity|undefined/);
  expect(empty).not.toContain('<h2>Targets</h2>');
});
