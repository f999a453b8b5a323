import { describe, expect, it } from 'vitest';
import { withOwnSystem } from '../src/own-system.ts';
import { describeReport } from '../src/report.ts';
import { fuzz } from '../src/run.ts';

const REQUESTS = 5_000;

describe('requests made from the OpenAPI documents', () => {
  it('fail no service, are answered as documented, and leave nothing that a worker cannot handle', async () => {
    const report = await withOwnSystem(
      async (urls) => await fuzz({ seed: 1, requests: REQUESTS, urls, patienceMs: 60_000 }),
    );
    expect(report.faults.length + report.parked.length, describeReport(report)).toBe(0);
    // what never succeeds is hardly tested; nothing is parked, so nothing of it can be retried or discarded
    const { neverDone, operations } = report;
    const reachable = neverDone.filter((operation) => !operation.includes('/dead-letters/{stream}'));
    expect(reachable.length, reachable.join(', ')).toBeLessThan(operations / 10);
    const answers = Object.values(report.statuses).reduce((sum, count) => sum + count, 0);
    expect(answers).toBe(REQUESTS);
  });
});
