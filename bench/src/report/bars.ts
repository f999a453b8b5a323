import { isMet, type Measured, type Row } from '../harness/results.ts';
import { figure, range } from './figures.ts';
import { type Markup, markup } from './markup.ts';
import { gotOf, markOf, reachOf, type Target, wantedOf } from './verdicts.ts';

/** Bars of targets end here, in multiples of the target: what is farther off is said in digits. */
const FARTHEST = 3;

/** All targets as bars from nothing to what was reached, with the target marked in each. */
export function targetBars(targets: readonly Target[]): Markup {
  return markup`<div class="targets">
<p class="scale" aria-hidden="true"><span><b>0</b>${[1, 2, 3].map(
    (times) =>
      markup`<b style="left:${percent(times / FARTHEST)}">${times === 1 ? 'target' : `${times} ×`}</b>`,
  )}</span></p>
<ol>
${targets.map(targetBar)}</ol>
</div>`;
}

function targetBar({ row, verdict }: Target): Markup {
  const reach = reachOf(verdict);
  const met = isMet(verdict) ? 'met' : 'missed';
  return markup`<li class="${met}">
<span class="what"><b class="mark">${markOf(verdict)}</b> ${row}</span>
<span class="track"><i class="bar${reach > FARTHEST ? ' beyond' : ''}" style="width:${percent(reach / FARTHEST)}"></i><i class="goal" style="left:${percent(1 / FARTHEST)}"></i></span>
<span class="got"><b>${gotOf(verdict)}</b> ${verdict.of} <small>wanted ${wantedOf(verdict)}</small></span>
</li>
`;
}

/** The contenders of a row as a table, with bars as long as their medians and whiskers from lowest to highest. */
export function contenderTable({ measured }: Row): Markup {
  const timed = measured.some(({ latencyMs }) => latencyMs !== undefined);
  const longest = Math.max(
    ...measured.flatMap(({ value }) => [value.median, value.high]).filter(Number.isFinite),
  );
  const latency = timed ? markup`<th>p50 ms</th><th>p99 ms</th>` : [];
  return markup`<table>
<thead><tr><th>contender</th><th>median and spread</th><th>median</th><th>spread</th>${latency}</tr></thead>
<tbody>
${measured.map((contender) => contenderLine(contender, longest, timed))}</tbody>
</table>`;
}

function contenderLine({ name, value, latencyMs }: Measured, longest: number, timed: boolean): Markup {
  const from = percent(value.low / longest);
  const to = percent((value.high - value.low) / longest);
  const cell = (label: string, ms: number | undefined): Markup =>
    markup`<td data-label="${label}">${ms === undefined ? '' : figure(ms)}</td>`;
  const latency = timed ? [cell('p50 ms', latencyMs?.p50), cell('p99 ms', latencyMs?.p99)] : [];
  return markup`<tr><th scope="row">${name}</th><td class="track"><span><i class="bar" style="width:${percent(value.median / longest)}"></i><i class="whisker" style="left:${from};width:${to}"></i></span></td><td class="median">${figure(value.median)}</td><td class="spread">${range(value)}</td>${latency}</tr>
`;
}

/** For style sheets; what is no share of anything is nothing, and no bar leaves its track. */
function percent(share: number): string {
  const within = Number.isNaN(share) ? 0 : Math.min(1, Math.max(0, share));
  return `${Number((within * 100).toFixed(2))}%`;
}
