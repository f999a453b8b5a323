import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Move, Step } from '@headrace/consumer';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { at, fenced, parked, type SinkUnderTest } from './sink-under-test.ts';

/** What every transactional sink must do with steps of several partitions in one transaction. */
export function sharedStepsContract<Tx>(open: () => Promise<SinkUnderTest<Tx>>): void {
  describe('steps of several partitions', () => {
    let under: SinkUnderTest<Tx>;
    let group = '';
    beforeAll(async () => {
      under = await open();
      return () => under.close();
    });
    beforeEach(async () => {
      group = `group-${randomUUID()}`;
      for (const partition of [0, 1, 2]) await takeOver(partition, 1);
    });

    const takeOver = (partition: number, epoch: number) =>
      under.sink.takeOver({ group, partition, epoch, instance: `i${epoch}`, batchSize: 10 });
    const move = (partition: number, n: number, change: Partial<Move> = {}): Move => ({
      group,
      partition,
      epoch: 1,
      from: n === 1 ? null : `${n - 1}-0`,
      to: at(n),
      ...change,
    });
    const note = (what: string) => (tx: Tx) => under.note(tx, `${group} ${what}`);
    const noted = async (): Promise<readonly string[]> =>
      (await under.notes()).filter((what) => what.startsWith(group));
    const handled = async (): Promise<readonly (number | undefined)[]> =>
      await Promise.all(
        [0, 1, 2].map(
          async (partition) => (await under.sink.current({ group, partition }))?.checkpoint.handledEntries,
        ),
      );

    it('take effect together, in any order', async () => {
      await under.sink.moveAll([move(2, 1), move(0, 1)], [note('one')]);
      await under.sink.moveAll([move(1, 1), move(0, 2), move(2, 2)]);
      expect(await handled()).toEqual([2, 1, 2]);
      expect(await noted()).toEqual([`${group} one`]);
      expect(await under.sink.current({ group, partition: 0 })).toEqual({ epoch: 1, checkpoint: at(2) });
    });

    it('change nothing when the work fails', async () => {
      const failing = under.sink.moveAll(
        [move(0, 1), move(1, 1)],
        [
          async (tx) => {
            await under.note(tx, `${group} half done`);
            throw new Error('poison');
          },
        ],
      );
      await expect(failing).rejects.toThrow('poison');
      expect(await handled()).toEqual([0, 0, 0]);
      expect(await noted()).toEqual([]);
    });

    it('may be those of several groups, each with its work', async () => {
      const other = `${group}-b`;
      await under.sink.takeOver({ group: other, partition: 0, epoch: 4, instance: 'i4', batchSize: 10 });
      const theirs = move(0, 1, { group: other, epoch: 4 });
      await under.sink.moveAll([move(0, 1), theirs, move(2, 1)], [note('one'), note('two')]);
      expect(await handled()).toEqual([1, 0, 1]);
      expect(await under.sink.current(theirs)).toEqual({ epoch: 4, checkpoint: at(1) });
      expect((await noted()).toSorted()).toEqual([`${group} one`, `${group} two`]);
      const refused = [move(1, 1), move(0, 2, { group: other, epoch: 3 })];
      await expect(under.sink.moveAll(refused, [note('zombie')])).rejects.toEqual(fenced);
      expect(await handled()).toEqual([1, 0, 1]);
      expect(await under.sink.current(theirs)).toEqual({ epoch: 4, checkpoint: at(1) });
    });

    it('begin all works before any has ended', async () => {
      const begun: string[] = [];
      const all = Promise.withResolvers<void>();
      const work = (name: string) => async (tx: Tx) => {
        begun.push(name);
        if (begun.length === 2) all.resolve();
        await all.promise;
        await under.note(tx, `${group} ${name}`);
      };
      await under.sink.moveAll([move(0, 1)], [work('first'), work('second')]);
      expect(begun).toEqual(['first', 'second']);
      expect(await noted()).toHaveLength(2);
    });

    it('let no work go on in a transaction that has failed', async () => {
      const failed = Promise.withResolvers<void>();
      const failing = under.sink.moveAll(
        [move(0, 1)],
        [
          async (tx) => {
            await under.note(tx, `${group} before it fails`);
            failed.resolve();
            throw new Error('poison');
          },
          async (tx) => {
            await failed.promise;
            // some of them while a rollback that did not wait would be on its way
            for (let n = 0; n < 50; n += 1) {
              await under.note(tx, `${group} late`);
              await setImmediate();
            }
          },
        ],
      );
      await expect(failing).rejects.toThrow('poison');
      expect(await handled()).toEqual([0, 0, 0]);
      expect(await noted()).toEqual([]);
    });

    it.each<[string, Partial<Move>]>([
      ['another owner’s by now', { epoch: 0 }],
      ['somewhere else', { from: '7-0' }],
      ['nobody’s', { partition: 9 }],
    ])('change nothing when one of the checkpoints is %s', async (_, change) => {
      const refused = [move(0, 1), move(1, 1, change), move(2, 1)];
      await expect(under.sink.moveAll(refused, [note('zombie')])).rejects.toEqual(fenced);
      expect(await handled()).toEqual([0, 0, 0]);
      expect(await noted()).toEqual([]);
    });

    it('do not wait for a checkpoint that somebody else has locked', async () => {
      const entered = Promise.withResolvers<void>();
      const leave = Promise.withResolvers<void>();
      const step: Step = { ...move(1, 1), park: [parked('s:1', '1-0')] };
      const holding = under.sink.transact(step, async () => {
        entered.resolve();
        await leave.promise;
      });
      await entered.promise;
      await expect(under.sink.moveAll([move(0, 1), move(1, 1)], [note('late')])).rejects.toEqual(fenced);
      await under.sink.moveAll([move(0, 1), move(2, 1)], [note('meanwhile')]);
      leave.resolve();
      await holding;
      expect(await handled()).toEqual([1, 1, 1]);
      expect(await noted()).toEqual([`${group} meanwhile`]);
    });

    it('happen once at most when owners race with them, each with others', async () => {
      const pairs = [
        [0, 1],
        [1, 0],
        [1, 2],
        [2, 1],
        [2, 0],
        [0, 2],
      ] as const;
      const outcomes = await Promise.allSettled(
        pairs.map(([a, b]) => under.sink.moveAll([move(a, 1), move(b, 1)], [note(`${a} ${b}`)])),
      );
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toEqual(fenced);
      const won = outcomes.filter(({ status }) => status === 'fulfilled').length;
      // each may find what it needs locked by another that fails in turn
      expect(won).toBeLessThanOrEqual(1);
      expect(await noted()).toHaveLength(won);
      expect((await handled()).toSorted()).toEqual(won === 1 ? [0, 1, 1] : [0, 0, 0]);
    });
  });
}
