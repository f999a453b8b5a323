import { defineConfig } from 'vitest/config';

// Workspace packages run from their TypeScript source: nothing has to be built before a test.
const conditions = ['@headrace/source', 'module', 'node', 'development|production'];
const resolve = { conditions };
const ssr = { resolve: { conditions, externalConditions: ['@headrace/source'] } };

/** For what tests load outside of Vitest: worker threads and child processes that inherit `process.execArgv`. */
const execArgv = ['--conditions=@headrace/source'];

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: [
            '{packages,services}/*/{src,scripts}/**/*.test.ts',
            'infra/*/src/**/*.test.ts',
            'bench/src/**/*.test.ts',
          ],
          execArgv,
          // Pure code: nothing one file does can be seen by another.
          isolate: false,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'integration',
          include: [
            '{packages,services}/*/test/**/*.integration.test.ts',
            'infra/*/test/**/*.integration.test.ts',
            'bench/test/**/*.integration.test.ts',
          ],
          // One Redis and one PostgreSQL for the whole run; tests keep apart by key prefix and schema.
          globalSetup: ['./packages/test-kit/src/servers-for-the-run.ts'],
          execArgv,
          pool: 'forks',
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['{packages,services}/*/test/**/*.e2e.test.ts', 'infra/*/test/**/*.e2e.test.ts'],
          execArgv,
          pool: 'forks',
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'compose',
          include: ['infra/e2e/compose/*.compose.test.ts'],
          execArgv,
          pool: 'forks',
          fileParallelism: false,
          bail: 1,
          testTimeout: 180_000,
          // images are built
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
