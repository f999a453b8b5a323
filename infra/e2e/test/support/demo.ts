import { projectDir, runTool, type ToolResult } from '@headrace/local';

/** Runs the demo as `npm run demo` does, against the services at these URLs (by their names). */
export async function runDemo(
  urls: Readonly<Record<string, string>>,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ToolResult> {
  const settings = Object.entries(urls).map(([name, url]) => [
    `${name.toUpperCase().replaceAll('-', '_')}_URL`,
    url,
  ]);
  return await runTool(
    process.execPath,
    ['--conditions=@headrace/source', 'infra/local/src/demo.ts', ...args],
    { cwd: projectDir, env: { ...process.env, ...Object.fromEntries(settings), ...env } },
  );
}

/** An order's part of what the demo prints, read back. */
export interface PrintedOrder {
  readonly orderId: string;
  /** A row per event: version, type, time of recording, event id, and what it says. */
  readonly events: readonly (readonly string[])[];
  /** The cell of a row and a column of the table of states. */
  state(title: string, column: string): string | undefined;
}

/** Reads the demo's tables back, as a person would. */
export function printedOrders(text: string): readonly PrintedOrder[] {
  const stories = text.split(/^(?=.*: order )/m).filter((story) => story.includes(': order '));
  return stories.map((story) => {
    const rows = cellsOf(story);
    // The table of states is the second one; its head begins with an empty cell.
    const states = rows.slice(rows.findIndex(([first]) => first === ''));
    const columns = states[0] ?? [];
    return {
      orderId: /: order (\S+)/.exec(story)?.[1] ?? '',
      events: rows.filter(([version]) => /^\d+$/.test(version ?? '')),
      state: (title, column) => states.find(([first]) => first === title)?.[columns.indexOf(column)],
    };
  });
}

/** The cells of all tables, row by row. */
function cellsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
