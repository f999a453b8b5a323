import Table from 'cli-table3';
import { messageOf, runProgram } from './command-line.ts';
import { parseOptions } from './launcher-options.ts';
import { defaultDataDir } from './project-paths.ts';
import { readableLog } from './readable-log.ts';
import { type ServiceDefinition, services } from './services.ts';
import { type System, startSystem } from './start-system.ts';

/** `npm start`: runs the system until Ctrl-C (or SIGTERM), then stops it in order and exits with 0. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  const color = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const nameWidth = Math.max(...services.map(({ name }) => name.length + 3));
  const log = readableLog((text) => process.stdout.write(text), { color, nameWidth });

  const stopRequest = listenForStop(log.message);
  const startedAt = Date.now();
  let system: System;
  try {
    system = await startSystem({ ...options, ports: 'default', log, signal: stopRequest });
  } catch (error) {
    if (!stopRequest.aborted) throw error;
    log.message('Stopped before everything was started.');
    return 0;
  }
  log.message(summary(system, Date.now() - startedAt));
  if (!stopRequest.aborted) await new Promise((resolve) => stopRequest.addEventListener('abort', resolve));
  await system.stop();
  const clean =
    options.dataDir === defaultDataDir ? 'npm run clean' : `npm run clean -- --data ${options.dataDir}`;
  log.message(`Everything is stopped. The data is kept in ${options.dataDir} (${clean} removes it).`);
  return 0;
}

/** Aborts on the first Ctrl-C or SIGTERM; the second one kills what still runs. */
function listenForStop(say: (message: string) => void): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (controller.signal.aborted) {
      // A terminal and a parent process may both deliver the same Ctrl-C.
      if (Date.now() - firstAt < 500) return;
      say('Stopped at once.');
      process.exit(130);
    }
    firstAt = Date.now();
    say(`\n${signal === 'SIGINT' ? 'Ctrl-C' : signal}: stopping (once more: at once) …`);
    controller.abort(new Error(`stopped by ${signal}`));
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  return controller.signal;
}

function summary(system: System, tookMs: number): string {
  const table = new Table({ head: ['', 'URL', 'Process'], style: { head: [], border: [], compact: true } });
  for (const service of services) addServiceRows(table, service, system);
  if (system.urls['mail']) table.push(['Mail inbox', system.urls['mail'], system.mail.pid ?? '']);
  table.push(['Redis', withoutPassword(system.redis.url), system.redis.pid ?? 'external']);
  table.push(['PostgreSQL', withoutPassword(system.postgres.url), system.postgres.pid ?? 'external']);
  const orderApi = system.urls['order-api'];
  return [
    `\nReady after ${(tookMs / 1000).toFixed(1)} s.`,
    table.toString(),
    ...(orderApi ? ['Try:', curlToTry(orderApi), 'or npm run demo in another terminal.'] : []),
    'Ctrl-C stops everything.\n',
  ].join('\n');
}

function addServiceRows(table: Table.Table, service: ServiceDefinition, system: System): void {
  for (const { id, url, pid } of system.services[service.name] ?? []) table.push([id, url, pid ?? '']);
  const first = system.urls[service.name];
  for (const { title, path } of first ? (service.pages ?? []) : [])
    table.push([`  ${title}`, `${first}${path}`, '']);
}

function curlToTry(orderApi: string): string {
  const order = {
    userId: 'user-1',
    email: 'ada@example.com',
    items: [{ id: 'laptop', name: 'Laptop', quantity: 1, price: 2499.99 }],
    currency: 'USD',
  };
  return `  curl -s ${orderApi}/orders -H 'content-type: application/json' \\\n    -d '${JSON.stringify(order)}'`;
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password) shown.password = '***';
  return shown.href;
}

await runProgram(main, (error) => `\nThe system could not be started. ${messageOf(error)}`);
// Open sockets of a client library must not keep the launcher alive.
process.exit();
