import { spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { projectDir, runTool, temporaryFolder } from '@headrace/local';
import { usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markedBlock, markedBlocks } from './support/documents.ts';
import { eventually } from './support/eventually.ts';
import { getJson } from './support/http.ts';

const PAGE = 'docs/change-an-order.md';
const changes = markedBlocks(PAGE).filter(({ mark }) => mark === 'change');
const lockCommands = markedBlock(PAGE, 'lock').trim().split('\n');

/** Outside tests and golden files. */
const changedFiles = new Set(
  changes
    .flatMap(({ code }) => [...code.matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, path = '']) => path))
    .filter((path) => !path.includes('/golden/')),
);

describe(PAGE, () => {
  const redis = useRedis();
  const postgres = usePostgres();
  let copy: string;

  /** In the copy, without what Vitest has put into the environment. */
  const tool = async (command: string, ...args: readonly string[]) => {
    const { PATH, HOME } = process.env;
    const { code, stdout, stderr } = await runTool(command, args, { cwd: copy, env: { PATH, HOME } });
    return { code, output: `${stdout}\n${stderr}` };
  };

  async function run(command: string, ...args: readonly string[]): Promise<void> {
    const { code, output } = await tool(command, ...args);
    expect(code, output).toBe(0);
  }

  beforeAll(async () => {
    copy = await temporaryFolder('change-an-order');
    const files = ['package.json', 'tsconfig.base.json', 'tsconfig.json', 'vitest.config.ts'];
    for (const name of [...files, 'packages', 'services', 'infra', 'bench', 'docs'])
      cpSync(`${projectDir}/${name}`, `${copy}/${name}`, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !/\/(?:dist|\.data|\.cache)$/.test(source),
      });
    symlinkSync(`${projectDir}/node_modules`, `${copy}/node_modules`);
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  /** A service of the copy; ended when the test is over. */
  async function start(service: string, onEnd: (end: () => void) => void): Promise<string> {
    const env = {
      PATH: process.env['PATH'],
      PORT: '0',
      REDIS_URL: redis.url,
      KEY_PREFIX: redis.prefix,
      DURABILITY: 'memory',
      DATABASE_URL: postgres.url,
      DATABASE_SCHEMA: postgres.schema,
    };
    const args = ['--conditions=@headrace/source', `services/${service}/src/main.ts`];
    const child = spawn(process.execPath, args, { cwd: copy, env, stdio: ['ignore', 'pipe', 'inherit'] });
    onEnd(() => child.kill('SIGKILL'));
    for await (const line of createInterface({ input: child.stdout })) {
      const url = /listening on (http:\/\/[^"\s]+)/.exec(line)?.[1];
      if (url === undefined) continue;
      child.stdout.resume();
      return url;
    }
    throw new Error(`${service} ended before it listened`);
  }

  it('changes at most six files', () => {
    expect([...changedFiles].filter((path) => !existsSync(`${projectDir}/${path}`))).toEqual([]);
    expect(changedFiles.size).toBeLessThanOrEqual(6);
  });

  it('leads to what it says, as it is written', async ({ onTestFinished }) => {
    writeFileSync(`${copy}/page.diff`, changes.map(({ code }) => code).join(''));
    await run('git', 'apply', 'page.diff');
    for (const command of lockCommands) await run('sh', '-c', command);
    await run('node_modules/.bin/tsc', '-p', 'tsconfig.json');
    await run(
      'node_modules/.bin/vitest',
      ...['run', '--project', 'unit', 'packages/shop', 'services/order-api', 'services/projection-service'],
    );

    const [orders, queries] = await Promise.all([
      start('order-api', onTestFinished),
      start('projection-service', onTestFinished),
    ]);
    const placed = await fetch(`${orders}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        userId: 'u',
        items: [{ id: 'a', name: 'A', price: 1 }],
        giftMessage: 'Happy birthday!',
      }),
    });
    const { orderId, eventId } = (await placed.json()) as Record<string, string>;
    expect(await getJson(`${orders}/orders/${orderId}`)).toMatchObject({ giftMessage: 'Happy birthday!' });
    const query = `${queries}/api/queries/orders?orderId=${orderId}&wait_for=${eventId}&timeout_ms=20000`;
    // 503 while the service starts
    const { data } = await eventually('the read model', () => getJson<{ data: object }>(query));
    expect(data).toMatchObject({ giftMessage: 'Happy birthday!' });
  });

  it('is noticed where the version of the fold is not raised', async () => {
    const state = `${copy}/packages/shop/src/orders/state.ts`;
    writeFileSync(state, readFileSync(state, 'utf8').replace('foldVersion: 3', 'foldVersion: 2'));
    const lockFile = 'packages/shop/golden/folds.lock.json';
    cpSync(`${projectDir}/${lockFile}`, `${copy}/${lockFile}`);
    const [lock = ''] = lockCommands;
    const { code, output } = await tool('sh', '-c', lock);
    expect(code).toBe(1);
    expect(output).toContain('the fold of order has other fields (+giftMessage)');
  });
}, 120_000);
