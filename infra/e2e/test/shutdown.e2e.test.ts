import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectFoldedEverywhere } from './support/comparison.ts';
import { eventually } from './support/eventually.ts';
import { type Load, moreSuccesses, startLoad } from './support/load.ts';
import { choosePlace, type NpmStart, npmStart, type Place } from './support/npm-start.ts';
import { expectPromisesKept } from './support/promises.ts';

/** Asked for is "in seconds"; a busy machine may take several times as long. */
const secondStartBoundS = 60;

let dataDir: string;
let place: Place;
let running: NpmStart | undefined;
let load: Load | undefined;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'headrace-shutdown-'));
  place = await choosePlace(dataDir);
});

afterAll(async () => {
  await load?.stop();
  await running?.end();
  await rm(dataDir, { recursive: true, force: true });
});

describe('Ctrl-C under load, and npm start again', () => {
  it('stops everything in order and exits with 0', async () => {
    running = await npmStart(place);
    // Goes on while nothing runs, as clients do, and gets through again after the second start.
    load = startLoad(place.urls['order-api'] ?? '', { longestMs: 120_000 });
    await moreSuccesses(load, 150);
    const { code, seconds } = await running.interrupt();
    const output = running.output();
    expect(output).toContain('Everything is stopped.');
    expect(output).not.toMatch(/did not end in time|ended unexpectedly/);
    expect(code).toBe(0);
    process.stdout.write(`Ctrl-C under load took ${seconds.toFixed(1)} s.\n`);
  });

  it('is up again in seconds', async () => {
    running = await npmStart(place);
    process.stdout.write(`The second start took ${running.readySeconds} s.\n`);
    expect(running.readySeconds).toBeLessThan(secondStartBoundS);
  });

  it('has lost nothing and repeated nothing: every group is at the fold of the log', async () => {
    if (load === undefined) throw new Error('There is no load.');
    await moreSuccesses(load, 60);
    await load.stop();
    await expectPromisesKept(load, place.urls['redis'] ?? '');
    await eventually('All groups at the fold of the log', () => expectFoldedEverywhere(place.urls), 60_000);
  });
});
