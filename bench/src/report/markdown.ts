import type { Measured, Results, Row } from '../harness/results.ts';
import { figure, range, whenOf } from './figures.ts';
import { gotOf, markOf, summaryOf, targetsOf, wantedOf } from './verdicts.ts';

/** A whole run as GitHub Markdown, with headings from the second level on. */
export function toMarkdown(results: Results): string {
  return `${[
    `Measured ${whenOf(results)}. **${summaryOf(results)}.**`,
    '## Machine',
    table(
      ['', ''],
      Object.entries(results.machine).map(([name, value]) => [escaped(name), escaped(value)]),
    ),
    '## Targets',
    targetTable(results),
    ...results.scenarios.flatMap(({ name, rows }) => [
      `## ${escaped(name)}`,
      table(['Row', 'Contender', 'Median:', 'Spread:', 'p50 ms:', 'p99 ms:'], rows.flatMap(linesOf)),
      ...notesOf(rows),
    ]),
  ].join('\n\n')}\n`;
}

function targetTable(results: Results): string {
  return table(
    ['', 'Row', 'Reached:', 'Of', 'Wanted:'],
    targetsOf(results).map(({ row, verdict }) => [
      markOf(verdict),
      escaped(row),
      gotOf(verdict),
      escaped(verdict.of),
      wantedOf(verdict),
    ]),
  );
}

/** A line per contender; the row is named in its first. */
function linesOf({ title, unit, measured }: Row): readonly (readonly string[])[] {
  return measured.map((contender, index) => [
    index === 0 ? escaped(`${title} (${unit})`) : '',
    ...cellsOf(contender),
  ]);
}

function cellsOf({ name, value, latencyMs }: Measured): readonly string[] {
  const latency = [latencyMs?.p50, latencyMs?.p99].map((ms) => (ms === undefined ? '' : figure(ms)));
  return [escaped(name), figure(value.median), range(value), ...latency];
}

function notesOf(rows: readonly Row[]): readonly string[] {
  const notes = rows.flatMap(({ title, note }) =>
    note === undefined ? [] : [`- ${escaped(title)}: ${escaped(note)}`],
  );
  return notes.length === 0 ? [] : [notes.join('\n')];
}

/** Columns whose title ends in a colon are numbers and stand on the right. */
function table(titles: readonly string[], lines: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(titles.map((title) => title.replace(/:$/, ''))),
    line(titles.map((title) => (title.endsWith(':') ? '---:' : '---'))),
    ...lines.map(line),
  ].join('\n');
}

/** Plain text that means nothing to Markdown and stays within its cell. */
function escaped(text: string): string {
  return text.replace(/[\\`*_[\]<>|~&]/g, '\\$&').replace(/\s+/g, ' ');
}
