import { setImmediate } from 'node:timers/promises';
import { standStill } from '@headrace/test-kit';
import { expect, it } from 'vitest';
import { afterAwake } from './awake-timeout.ts';

it('does not count the time in which the process stands still', async () => {
  let isCalled = false;
  const called = new Promise<void>((resolve) => {
    afterAwake(200, () => {
      isCalled = true;
      resolve();
    });
  });
  standStill(600);
  // timers that are due have their turn in between
  await setImmediate();
  await setImmediate();
  expect(isCalled).toBe(false);
  await called;
});

it('does not call back when it is called off', async () => {
  let isCalled = false;
  const callOff = afterAwake(20, () => {
    isCalled = true;
  });
  callOff();
  await new Promise<void>((resolve) => {
    afterAwake(100, resolve);
  });
  expect(isCalled).toBe(false);
});
