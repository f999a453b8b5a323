import Table from 'cli-table3';
import type { Measured, Results, Row } from '../harness/results.ts';
import { figure, range, whenOf } from './figures.ts';
import { describeVerdict, summaryOf } from './verdicts.ts';

const LINE_CHARS = 106;
/** Wider names wrap, so that the numbers beside them fit into the line. */
const NAME_CHARS = 40;

/** Without colours, which files do not have, and without lines between rows. */
const plain = { head: [], border: [], compact: true };

/** A row for the terminal: its contenders and its verdicts, in lines of fewer than 110 characters. */
export function describeRow(row: Row): string {
  return [
    wrapped(`${row.title} (${row.unit})`),
    tableOf(row.measured),
    ...(row.note === undefined ? [] : [wrapped(row.note, '  ')]),
    ...row.verdicts.map((verdict) => wrapped(describeVerdict(verdict), '  ')),
  ].join('\n');
}

/** A whole run for the terminal; the last line says how many targets were reached. */
export function describeResults(results: Results): string {
  const machine = Object.entries(results.machine).map(([name, value]) => wrapped(`${name}: ${value}`));
  const scenarios = results.scenarios.flatMap(({ name, rows }) => [
    `── ${name} ${'─'.repeat(Math.max(0, LINE_CHARS - name.length - 4))}`,
    ...rows.map(describeRow),
  ]);
  const head = [`Measured ${whenOf(results)}`, ...machine].join('\n');
  return [head, ...scenarios, summaryOf(results)].join('\n\n');
}

function tableOf(measured: readonly Measured[]): string {
  const timed = measured.some(({ latencyMs }) => latencyMs !== undefined);
  const width = Math.min(
    NAME_CHARS,
    Math.max(...measured.map(({ name }) => name.length), 'Contender'.length),
  );
  const table = new Table({
    head: ['Contender', 'Median', 'Spread', ...(timed ? ['p50 ms', 'p99 ms'] : [])],
    // cli-table3 counts a space of padding on each side.
    colWidths: [width + 2],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    wordWrap: true,
    style: plain,
  });
  for (const { name, value, latencyMs } of measured) {
    const latency = timed ? [latencyMs?.p50, latencyMs?.p99].map((ms) => figure(ms ?? Number.NaN)) : [];
    table.push([name, figure(value.median), range(value), ...latency]);
  }
  return table.toString();
}

/** Breaks between words; what follows the first line is indented a little further. */
function wrapped(text: string, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`;
    if (line !== '' && longer.length > LINE_CHARS) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join('\n');
}
