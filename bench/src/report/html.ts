import type { Results, Row } from '../harness/results.ts';
import { contenderTable, targetBars } from './bars.ts';
import { whenOf } from './figures.ts';
import { Markup, markup } from './markup.ts';
import { plot } from './plot.ts';
import { styles } from './styles.ts';
import { describeVerdict, markOf, summaryOf, targetsOf } from './verdicts.ts';

/** A whole run as one page that needs nothing else: no script, no font, no image from anywhere. */
export function toHtml(results: Results): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
<title>Headrace, measured: ${summaryOf(results)}</title>
<style>${new Markup(styles)}</style>
</head>
<body>
${header(results)}
<main>
${targets(results)}${results.scenarios.map(scenario)}</main>
</body>
</html>
`.text;
}

function header(results: Results): Markup {
  const machine = Object.entries(results.machine).map(
    ([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  );
  return markup`<header>
<h1>Headrace, measured</h1>
<p class="summary">${summaryOf(results)}</p>
<p>On <time datetime="${results.startedAt}">${whenOf(results)}</time>, beside its peers on the same servers.</p>
<dl>${machine}</dl>
</header>`;
}

function targets(results: Results): Markup {
  const all = targetsOf(results);
  if (all.length === 0) return markup``;
  return markup`<section>
<h2>Targets</h2>
<p>The line is the target, and longer is always better: for an upper limit (≤) the bar is the limit divided by the result. Bars end at three times the target.</p>
${targetBars(all)}
</section>
`;
}

function scenario({ name, rows, charts = [] }: Results['scenarios'][number]): Markup {
  const plots = charts.length === 0 ? [] : markup`<div class="plots">${charts.map(plot)}</div>`;
  return markup`<section>
<h2>${name}</h2>
${rows.map(article)}${plots}
</section>
`;
}

function article(row: Row): Markup {
  const verdicts = row.verdicts.map(
    (verdict) =>
      markup`<li class="${markOf(verdict) === '✓' ? 'met' : 'missed'}">${describeVerdict(verdict)}</li>`,
  );
  return markup`<article>
<h3>${row.title} <small>${[row.unit, ...betterOf(row.unit)].join(', ')}</small></h3>
${contenderTable(row)}
${verdicts.length === 0 ? [] : markup`<ul class="verdicts">${verdicts}</ul>`}
${row.note === undefined ? [] : markup`<p class="note">${row.note}</p>`}
</article>
`;
}

/** Which way the bars want to go, for units that leave no doubt. */
function betterOf(unit: string): readonly string[] {
  if (unit.endsWith('/s')) return ['more is better'];
  return /^(s|ms|µs|(k|M|[KM]i)?B|bytes)\b/.test(unit) ? ['less is better'] : [];
}
