/** The page's only style sheet. Colours of series keep apart for colour-blind eyes too (after Okabe and Ito). */
export const styles = `
:root {
  --paper: #fbfaf7; --card: #ffffff; --ink: #1d2733; --quiet: #5d6875; --line: #e2e0d9; --track: #efede6;
  --own: #0b6fa4; --peer: #a9b3bd; --met: #13795b; --missed: #b8461b;
  --c0: #0b6fa4; --c1: #d55e00; --c2: #00855f; --c3: #a8518a; --c4: #b07d00; --c5: #4a9fd0; --c6: #5d6875; --c7: #7a4fc9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11171d; --card: #18212a; --ink: #e6ebf0; --quiet: #98a5b3; --line: #2b3743; --track: #232e39;
    --own: #4fb3e8; --peer: #5c6b7a; --met: #4cc79c; --missed: #f2875a;
    --c0: #4fb3e8; --c1: #f28a3c; --c2: #3dc79a; --c3: #dd8fc2; --c4: #e5bd45; --c5: #9fd4f2; --c6: #98a5b3; --c7: #b79af0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 68rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, p, ol, ul, dl, dd, figure { margin: 0; padding: 0; }
ol, ul { list-style: none; }
h1 { font-size: 1.1rem; font-weight: 600; color: var(--quiet); }
h2 { margin: 3rem 0 0.75rem; font-size: 1.45rem; line-height: 1.25; }
h3 { margin-bottom: 0.75rem; font-size: 1.05rem; line-height: 1.35; }
small { font-size: 0.85em; font-weight: 400; color: var(--quiet); }
i { display: block; }
section > p, header > p { max-width: 46rem; color: var(--quiet); }
header .summary { margin: 0.25rem 0 0.5rem; font-size: 2.4rem; font-weight: 700; line-height: 1.15; color: var(--ink); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 0.75rem 1.5rem; margin-top: 1.5rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
dt { font-size: 0.8rem; color: var(--quiet); }
article, figure, .targets { padding: 1.1rem 1.25rem; background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; }
article, .targets { margin-top: 1rem; }

.track { position: relative; background: var(--track); border-radius: 3px; }
.bar { height: 100%; min-width: 2px; border-radius: 3px; background: var(--peer); }
.met .bar { background: var(--met); }
.missed .bar { background: var(--missed); }
.met .mark, li.met::first-letter { color: var(--met); }
.missed .mark, li.missed::first-letter { color: var(--missed); }
.targets li, .targets .scale { display: grid; grid-template-columns: 16rem 1fr 17rem; gap: 0 1.25rem; align-items: center; }
.targets li { padding: 0.45rem 0; border-top: 1px solid var(--line); line-height: 1.35; }
.targets .track { height: 1rem; }
.targets .beyond { clip-path: polygon(0 0, calc(100% - 8px) 0, 100% 50%, calc(100% - 8px) 100%, 0 100%); border-radius: 3px 0 0 3px; }
.targets .goal { position: absolute; top: -5px; bottom: -5px; width: 2px; margin-left: -1px; background: var(--ink); }
.targets .what { display: grid; grid-template-columns: 1.25rem 1fr; }
.targets .got { font-size: 0.92rem; }
.targets .got small { white-space: nowrap; }
.targets .scale { padding-bottom: 0.35rem; font-size: 0.8rem; line-height: 1.2; }
.scale span { position: relative; grid-column: 2; height: 1.2em; }
.scale b { position: absolute; left: 0; font-weight: 400; white-space: nowrap; transform: translateX(-50%); }
.scale b:first-child { transform: none; }
.scale b:last-child { transform: translateX(-100%); }

table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 0.95rem; }
th, td { padding: 0.3rem 0 0.3rem 1.25rem; text-align: right; font-weight: 400; white-space: nowrap; }
th:first-child { padding-left: 0; width: 16rem; text-align: left; white-space: normal; }
thead th { padding-bottom: 0.2rem; font-size: 0.8rem; color: var(--quiet); }
thead th:nth-child(2) { text-align: left; }
thead th:nth-child(3) { width: 7rem; }
thead th:nth-child(4) { width: 10rem; }
thead th:nth-child(n+5) { width: 5rem; }
td { color: var(--quiet); }
td.median { color: var(--ink); }
td.track { background: none; }
td.track span { position: relative; display: block; height: 0.9rem; background: var(--track); border-radius: 3px; }
tbody tr:first-child .bar { background: var(--own); }
tbody tr:first-child th, tbody tr:first-child .median { font-weight: 600; }
.whisker { position: absolute; top: 50%; height: 2px; margin-top: -1px; background: var(--ink); }
.verdicts { margin-top: 0.75rem; }
.verdicts li { text-wrap: balance; padding-left: 1.25rem; text-indent: -1.25rem; }
.note { margin-top: 0.6rem; font-size: 0.92rem; color: var(--quiet); }

.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem; margin-top: 1rem; }
figcaption { margin-bottom: 0.5rem; font-weight: 600; line-height: 1.35; }
svg { display: block; width: 100%; height: auto; }
svg text { font-size: 15px; fill: var(--quiet); }
svg .label { fill: var(--ink); }
.grid path { stroke: var(--line); }
.axis { fill: none; stroke: var(--quiet); }
.c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); } .c3 { color: var(--c3); }
.c4 { color: var(--c4); } .c5 { color: var(--c5); } .c6 { color: var(--c6); } .c7 { color: var(--c7); }
.series path { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
.series circle { fill: currentColor; stroke: var(--card); stroke-width: 1.5; }
.dense circle { opacity: 0; }
.series circle:hover { opacity: 1; stroke: currentColor; stroke-width: 4; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; margin-top: 0.5rem; font-size: 0.9rem; }
.legend li { color: var(--ink); }
.legend i { display: inline-block; width: 1.1rem; height: 3px; margin-right: 0.4rem; border-radius: 2px; vertical-align: middle; }
${Array.from({ length: 8 }, (_, i) => `.legend .c${i} i { background: var(--c${i}); }`).join('\n')}

@media (max-width: 58rem) {
  .targets li, .targets .scale { grid-template-columns: 1fr; gap: 0.4rem; }
  .targets li { padding: 0.7rem 0; }
  .targets .got { padding-left: 1.25rem; }
  .scale span { grid-column: 1; }
  table, tbody { display: block; }
  thead { display: none; }
  tbody tr { display: flex; flex-wrap: wrap; gap: 0.2rem 0.75rem; padding: 0.6rem 0; border-top: 1px solid var(--line); }
  tbody tr:first-child { border-top: 0; padding-top: 0; }
  th, td, th:first-child { padding: 0; width: auto; }
  tbody th:first-child { flex: 1; }
  td.median { order: 1; font-size: 0.95rem; }
  td.track { order: 2; flex: 100%; }
  td.spread, td[data-label] { order: 3; font-size: 0.85rem; }
  td[data-label]:empty { display: none; }
  td[data-label]::before { content: attr(data-label) ' '; }
}
@media (max-width: 30rem) {
  body { padding: 1.5rem 0.9rem 3rem; }
  header .summary { font-size: 1.9rem; }
  article, figure, .targets { padding: 0.9rem; }
  dl { grid-template-columns: 1fr 1fr; }
  svg text { font-size: 19px; }
}
`;
