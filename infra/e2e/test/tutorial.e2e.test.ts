import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@headrace/local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markedBlock, markedBlocks } from './support/documents.ts';
import { eventually } from './support/eventually.ts';
import { getJson } from './support/http.ts';
import { runCommands } from './support/readme.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

// Beside this workspace's node_modules, where the tutorial's imports are found.
const workspace = fileURLToPath(new URL('..', import.meta.url));

const page = 'docs/tutorial-inventory.md';

describe(page, () => {
  let system: TestSystem;
  let folder: string;
  let port: number;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(`${workspace}.tutorial-`);
    for (const { mark, code } of markedBlocks(page)) {
      const file = /^file (.+)$/.exec(mark)?.[1];
      if (file !== undefined) await writeFile(`${folder}/${file}`, code);
    }
    system = await startTestSystem({ only: ['order-api', 'event-api'] });
    port = await findFreePort();
  });

  afterAll(async () => {
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(children.map((child) => child.exitCode ?? once(child, 'exit')));
    await system?.close();
    await rm(folder, { recursive: true, force: true });
  });

  function start(file: string): void {
    const env = {
      PATH: process.env['PATH'],
      REDIS_URL: system.redis.url,
      DATABASE_URL: system.postgres.url,
      PORT: `${port}`,
    };
    const args = ['--conditions=@headrace/source', `${folder}/${file}`];
    children.push(spawn(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] }));
  }

  it('leads to what it says, as it is written', async () => {
    start('stock-worker.ts');
    start('stock-levels.ts');
    await runCommands(markedBlock(page, 'commands'), system.urls);
    await eventually('The stock that the tutorial shows', async () => {
      expect(await getJson(`http://127.0.0.1:${port}/`)).toEqual(JSON.parse(markedBlock(page, 'result')));
    });
    const { data } = await getJson<{ data: { events: readonly { eventType: string; metadata: object }[] } }>(
      `${system.url('event-api')}/api/events/stock:sleeve`,
    );
    expect(data.events.map(({ eventType }) => eventType)).toEqual([
      'StockReceived',
      'StockTaken',
      'StockTaken',
    ]);
    expect(data.events[1]?.metadata).toMatchObject({ causationId: expect.stringMatching(/^\d+-\d+-\d+$/) });
  });
});
