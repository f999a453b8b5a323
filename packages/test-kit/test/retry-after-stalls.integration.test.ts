import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { startVitest } from 'vitest/node';

const setup = fileURLToPath(new URL('fixtures/stalls.setup.ts', import.meta.url));

it('runs a test again that failed while everything stood still for long, and no other', async () => {
  const vitest = await startVitest('test', [], {
    root: fileURLToPath(new URL('fixtures', import.meta.url)),
    config: false,
    include: ['stalls.fixture.ts'],
    setupFiles: [setup],
    watch: false,
    reporters: [{}],
  });
  const [module] = vitest.state.getTestModules();
  const outcomes = [...(module?.children.allTests() ?? [])].map((test) => [
    test.name,
    test.result().state,
    test.diagnostic()?.retryCount,
  ]);
  await vitest.close();
  expect(outcomes).toEqual([
    ['fails once, standing still', 'passed', 1],
    ['fails once, after the stall of another test', 'failed', 0],
    ['fails once, after a stop that is too short', 'failed', 0],
    ['fails whenever it stands still', 'failed', 2],
  ]);
});
