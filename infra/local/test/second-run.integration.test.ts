import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type CheckResult, runCheck } from '../src/checks/run-check.ts';
import type { Check } from '../src/checks/stages.ts';

const config = 'infra/local/test/fixtures/checks/vitest.config.ts';
const fixture = (name: string): string => `infra/local/test/fixtures/checks/${name}.fixture.ts`;

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'headrace-second-run-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

function check(files: readonly string[], secondRun = true): Promise<CheckResult> {
  // what the fixtures print would look like failures of this test
  const quietly = `FIXTURE_DIR=${dir} exec vitest run --config ${config} "$@" >${dir}/log 2>&1`;
  const command = ['sh', '-c', quietly, 'vitest'];
  const fixtures: Check = { name: 'fixtures', title: 'Fixtures', command, tests: true, secondRun };
  return runCheck(fixtures, {
    filters: files.map(fixture),
    signal: new AbortController().signal,
    say: () => undefined,
  });
}

it('runs the files once more that failed by a test, a hook or a stray error, and names them', async () => {
  const result = await check(['sound', 'slow-once', 'hook-once', 'stray-once']);
  expect(result).toMatchObject({ ok: true, counts: { passed: 5, failed: 0, skipped: 0 } });
  expect(result.passedOnSecondRun.toSorted((a, b) => a.file.localeCompare(b.file))).toEqual([
    { file: fixture('hook-once'), failure: 'a hook: TypeError: the hook failed' },
    {
      file: fixture('slow-once'),
      failure: 'fails once: AssertionError: the first time: expected true to be false // Object.is equality',
    },
    { file: fixture('stray-once'), failure: 'nobody awaits me' },
  ]);
});

it('fails with what fails again', async () => {
  const result = await check(['slow-once', 'wrong']);
  expect(result).toMatchObject({ ok: false, counts: { passed: 2, failed: 1, skipped: 1 } });
  expect(result.passedOnSecondRun.map(({ file }) => file)).toEqual([fixture('slow-once')]);
});

it('runs nothing again where a check does not want that', async () => {
  const result = await check(['slow-once', 'hook-once'], false);
  expect(result).toMatchObject({ ok: false, counts: { passed: 2, failed: 2 }, passedOnSecondRun: [] });
});
