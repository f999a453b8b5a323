import { fileURLToPath } from 'node:url';
import { runTool } from '@headrace/local';
import { markedBlocks } from './documents.ts';

/** The README's ports, by service. */
const PORTS: Readonly<Record<string, string>> = {
  'localhost:3000': 'order-api',
  'localhost:3001': 'event-api',
  'localhost:3002': 'projection-service',
  'localhost:3003': 'email-worker',
  'localhost:3004': 'analytics-worker',
  'localhost:3005': 'billing-worker',
};

export interface TourOutput {
  readonly orderId: string;
  /** What each block printed, line by line. */
  readonly blocks: readonly (readonly string[])[];
}

/** Runs shell commands of a document against the services at `urls`; each answer is on a line of its own. */
export function runCommands(commands: string, urls: Readonly<Record<string, string>>): Promise<string> {
  return shell(`${PRELUDE}\n${withUrls(commands, urls)}`);
}

/** Runs the README's blocks marked `tour` in one shell, as if they were pasted, against the services at `urls`. */
export async function runTour(urls: Readonly<Record<string, string>>): Promise<TourOutput> {
  const tour = markedBlocks('README.md').filter(({ mark }) => mark === 'tour');
  const blocks = tour.map(({ code }) => withUrls(code, urls));
  const script = [PRELUDE, ...blocks.map((block) => `${block}\necho "${MARK}"`), 'echo "$ID"'].join('\n');
  const output = await shell(script);
  const parts = output
    .split(`${MARK}\n`)
    .map((part) => part.split('\n').filter((line) => line.trim() !== ''));
  return { orderId: parts.at(-1)?.[0] ?? '', blocks: parts.slice(0, -1) };
}

const MARK = '--- end of block ---';
const STAND_IN = fileURLToPath(new URL('./curl.ts', import.meta.url));
/** Each answer on a line of its own; on a machine without curl something that understands these options. */
const PRELUDE = `set -euo pipefail
if command -v curl >/dev/null; then curl() { command curl -w '\\n' "$@"; }
else curl() { "${process.execPath}" "${STAND_IN}" "$@"; }; fi`;

function withUrls(commands: string, urls: Readonly<Record<string, string>>): string {
  return Object.entries(PORTS).reduce(
    (replaced, [port, service]) => replaced.replaceAll(port, urls[service] ?? `${service} does not run`),
    commands,
  );
}

async function shell(script: string): Promise<string> {
  const { code, stdout, stderr } = await runTool('bash', ['-c', script]);
  if (code !== 0) throw new Error(`the tour ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}
