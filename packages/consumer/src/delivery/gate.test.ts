import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Gate } from './gate.ts';

function controlledWork(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = async (): Promise<string> => {
    log.push(`begin ${name}`);
    await promise;
    log.push(`end ${name}`);
    return name;
  };
  return { work, finish: resolve };
}

describe('the gate', () => {
  it('lets shared work run side by side, and one piece alone', async () => {
    const gate = new Gate();
    const log: string[] = [];
    const [a, b, suspect, c] = [
      controlledWork(log, 'a'),
      controlledWork(log, 'b'),
      controlledWork(log, 'suspect'),
      controlledWork(log, 'c'),
    ];
    const done = [gate.shared(a.work), gate.shared(b.work), gate.alone(suspect.work), gate.shared(c.work)];
    await turn();
    expect(log).toEqual(['begin a', 'begin b']);
    a.finish();
    b.finish();
    await turn();
    expect(log.slice(2)).toEqual(['end a', 'end b', 'begin suspect']);
    suspect.finish();
    await turn();
    expect(log.slice(5)).toEqual(['end suspect', 'begin c']);
    c.finish();
    expect(await Promise.all(done)).toEqual(['a', 'b', 'suspect', 'c']);
  });

  it('goes on after a failure, and keeps the order of those who want to be alone', async () => {
    const gate = new Gate();
    const log: string[] = [];
    const fail = gate.alone(async () => {
      log.push('first');
      throw new Error('broken');
    });
    const next = gate.alone(async () => {
      log.push('second');
    });
    const shared = gate.shared(async () => {
      log.push('shared');
    });
    await expect(fail).rejects.toThrow('broken');
    await Promise.all([next, shared]);
    expect(log).toEqual(['first', 'second', 'shared']);
  });
});
