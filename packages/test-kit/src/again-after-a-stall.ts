import { retryAfterStalls } from './retry-after-stalls.ts';

/**
 * Vitest setup file of the tests with real servers: shared machines stand still as a whole for seconds. Shorter stops
 * must not make a test fail, and any other failure is one at once.
 */
retryAfterStalls(3_000);
