import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { projectDir } from '@headrace/local';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Results } from '../src/harness/results.ts';

const run = promisify(execFile);
let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(`${tmpdir()}/headrace-bench-`);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function bench(...args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, ['infra/bootstrap.mjs', 'bench', ...args], { cwd: projectDir });
}

it('measures what is named on servers of its own, and writes it as JSON and Markdown', async () => {
  const { stdout } = await bench('--quick', '--out', dir, 'memory', 'snapshot');
  expect(stdout).toContain('of 2 targets reached');
  const results = JSON.parse(await readFile(`${dir}/results.json`, 'utf8')) as Results;
  expect(results.machine).toMatchObject({ Redis: expect.stringContaining('appendfsync always') });
  const rows = results.scenarios.flatMap((scenario) => scenario.rows);
  expect(rows).toHaveLength(2);
  for (const { measured } of rows) for (const { value } of measured) expect(value.median).toBeGreaterThan(0);
  for (const { title } of rows) {
    expect(await readFile(`${dir}/results.md`, 'utf8')).toContain(title);
  }
}, 120_000);

it('says what there is when something else is named', async () => {
  await expect(bench('speed')).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('snapshot'),
  });
});
