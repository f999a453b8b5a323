import { randomUUID } from 'node:crypto';
import type { Ownership, ParkedPlace, Step, Takeover } from '@headrace/consumer';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fight } from './overlapping-owners.ts';
import { at, fenced, parked, type SinkUnderTest } from './sink-under-test.ts';

const BATCH = 10;

/** What every transactional sink must do. `open` is called once; groups keep the tests apart. */
export function transactionalSinkContract<Tx>(open: () => Promise<SinkUnderTest<Tx>>): void {
  describe('a transactional sink', () => {
    let under: SinkUnderTest<Tx>;
    let group = '';
    beforeAll(async () => {
      under = await open();
      return () => under.close();
    });
    beforeEach(() => {
      group = `group-${randomUUID()}`;
    });

    const takeOver = (epoch: number, instance = 'a', partition = 0): Promise<Takeover> =>
      under.sink.takeOver({ group, partition, epoch, instance, batchSize: BATCH });
    const owner = (epoch: number): Ownership => ({ group, partition: 0, epoch });
    const step = (change: Partial<Step>): Step => ({ group, partition: 0, epoch: 1, from: null, ...change });
    const noted = async (): Promise<readonly string[]> =>
      (await under.notes()).filter((what) => what.startsWith(group));
    const note = (what: string) => (tx: Tx) => under.note(tx, `${group} ${what}`);

    describe('taking over', () => {
      it('begins before the first event, and goes on at the checkpoint', async () => {
        const start = { entryId: null, stream: null, version: 0, handledEntries: 0 };
        const calm = { status: 'taken', blocked: [], deferred: new Map(), carefulUntil: null, suspect: null };
        expect(await takeOver(1)).toEqual({ ...calm, checkpoint: start });
        await under.sink.transact(step({ to: at(7) }));
        await under.sink.release(owner(1));
        expect(await takeOver(2, 'b')).toEqual({ ...calm, checkpoint: at(7) });
      });

      it('refuses an epoch below the one seen, and the same one from another instance', async () => {
        await takeOver(5);
        expect(await takeOver(4)).toEqual({ status: 'outdated', epoch: 5 });
        expect(await takeOver(5, 'b')).toEqual({ status: 'outdated', epoch: 5 });
        expect(await takeOver(5)).toMatchObject({ status: 'taken' });
        await under.sink.transact(step({ epoch: 5, to: at(1) }));
      });

      it('keeps partitions and groups apart', async () => {
        await takeOver(9);
        expect(await takeOver(1, 'b', 1)).toMatchObject({ status: 'taken', checkpoint: { entryId: null } });
        await under.sink.transact(step({ epoch: 9, to: at(3) }));
        expect(await takeOver(1, 'b', 1)).toMatchObject({ checkpoint: { entryId: null } });
      });

      it('sees what an owner was parking while it waited for it', async () => {
        await takeOver(1);
        const entered = Promise.withResolvers<void>();
        const leave = Promise.withResolvers<void>();
        const parking = under.sink.transact(step({ to: at(1), park: [parked('s:1', '1-0')] }), async () => {
          entered.resolve();
          await leave.promise;
        });
        await entered.promise;
        const takingOver = takeOver(2, 'b');
        leave.resolve();
        await parking;
        expect(await takingOver).toMatchObject({ status: 'taken', checkpoint: at(1), blocked: ['s:1'] });
      });
    });

    describe('a step', () => {
      it('takes effect with the checkpoint', async () => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(1) }), note('one'));
        await under.sink.transact(step({ from: '1-0', to: at(2) }), note('two'));
        expect([...(await noted())].sort()).toEqual([`${group} one`, `${group} two`]);
        expect(await takeOver(1)).toMatchObject({ checkpoint: at(2) });
      });

      it.each<[string, Partial<Step>]>([
        ['by a lower epoch', { epoch: 1, from: '1-0' }],
        ['by an epoch that nobody has claimed', { epoch: 3, from: '1-0' }],
        ['by a checkpoint that has moved', { epoch: 2, from: null }],
        ['by a checkpoint that was never there', { epoch: 2, from: '2-0' }],
        ['on a partition that was never taken over', { epoch: 2, from: '1-0', partition: 7 }],
      ])('is fenced %s, and nothing has changed', async (_, change) => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(1) }));
        await takeOver(2, 'b');
        const refused = step({ to: at(5), park: [parked('s:5', '5-0')], ...change });
        await expect(under.sink.transact(refused, note('zombie'))).rejects.toEqual(fenced);
        expect(await noted()).toEqual([]);
        expect(await takeOver(2, 'b')).toMatchObject({ status: 'taken', checkpoint: at(1), blocked: [] });
      });

      it('leaves nothing behind when its work fails', async () => {
        await takeOver(1);
        const failing = under.sink.transact(step({ to: at(1), park: [parked('s:1', '1-0')] }), async (tx) => {
          await under.note(tx, `${group} half done`);
          throw new Error('poison');
        });
        await expect(failing).rejects.toThrow('poison');
        expect(await noted()).toEqual([]);
        expect(await takeOver(1)).toMatchObject({ checkpoint: { entryId: null }, blocked: [] });
      });

      it('happens once when two owners race with it', async () => {
        await takeOver(1);
        const attempts = Array.from({ length: 8 }, (_, i) =>
          under.sink.transact(step({ to: at(1) }), note(`${i}`)),
        );
        const outcomes = await Promise.allSettled(attempts);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') expect(outcome.reason).toEqual(fenced);
        expect(await noted()).toHaveLength(1);
      });
    });

    describe('dead letters', () => {
      it('are in the order of their stream, with what is known of them', async () => {
        await takeOver(1);
        const garbled = parked('s:1', '9-0', { error: 'Error: "a\0b \ud800"' });
        const behind = ['9-2', '9-10', '10-0'].map((id) =>
          parked('s:1', id, { cause: 'blocked', error: null, attempts: 0 }),
        );
        await under.sink.transact(step({ to: at(1), park: [garbled, ...behind, parked('r:1', '20-0')] }));
        const stored = await under.sink.parkedOf({ group, partition: 0 }, 's:1');
        expect(stored.map(({ entryId }) => entryId)).toEqual(['9-0', '9-2', '9-10', '10-0']);
        expect(stored[0]).toMatchObject({ group, partition: 0, cause: 'poison', attempts: 3, instance: 'a' });
        expect(stored[0]?.error).toContain('Error: "a');
        expect(stored[1]).toMatchObject({ cause: 'blocked', error: null, attempts: 0 });
        expect(Date.parse(stored[0]?.parkedAt ?? '')).toBeGreaterThan(0);
        const page = async (after?: ParkedPlace): Promise<string[]> =>
          (await under.sink.parked(group, 2, after)).map(({ entryId }) => entryId);
        expect(await page()).toEqual(['20-0', '9-0']);
        expect(await page({ partition: 0, stream: 's:1', entryId: '9-0' })).toEqual(['9-2', '9-10']);
        expect(await page({ partition: 0, stream: 's:1', entryId: '9-9' })).toEqual(['9-10', '10-0']);
        expect(await page({ partition: 0, stream: 'r:2', entryId: '30-0' })).toEqual(['9-0', '9-2']);
        expect(await page({ partition: 1, stream: 'a:1', entryId: '1-0' })).toEqual([]);
        expect(await page({ partition: 0, stream: 'a\0', entryId: '30-0' })).toEqual(['20-0', '9-0']);
        expect(await takeOver(1)).toMatchObject({ blocked: expect.arrayContaining(['s:1', 'r:1']) });
      });

      it('go with the effect of handling them again, once', async () => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(1), park: [parked('s:1', '1-0')] }));
        const again = step({ from: '1-0', unpark: { stream: 's:1', entryId: '1-0' } });
        const failing = under.sink.transact(again, () => Promise.reject(new Error('still poison')));
        await expect(failing).rejects.toThrow('still poison');
        expect(await under.sink.parkedOf({ group, partition: 0 }, 's:1')).toHaveLength(1);
        await under.sink.transact(again, note('handled'));
        await expect(under.sink.transact(again, note('handled twice'))).rejects.toEqual(fenced);
        expect(await noted()).toEqual([`${group} handled`]);
        expect(await takeOver(1)).toMatchObject({ checkpoint: at(1), blocked: [] });
      });

      it('say how they failed again', async () => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(1), park: [parked('s:1', '1-0')] }));
        const before = (await under.sink.parked(group, 9))[0];
        const failedAgain = parked('s:1', '1-0', { error: 'Error: again', attempts: 4, instance: 'b' });
        await under.sink.transact(step({ from: '1-0', failedAgain }));
        expect(await under.sink.parked(group, 9)).toEqual([{ ...before, ...failedAgain }]);
      });

      it('cannot fail again once they are done with', async () => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(1), park: [parked('s:1', '1-0')] }));
        await under.sink.transact(
          step({ from: '1-0', unpark: { stream: 's:1', entryId: '1-0' } }),
          note('handled'),
        );
        const failedAgain = parked('s:1', '1-0', { cause: 'deferred', attempts: 4 });
        await expect(under.sink.transact(step({ from: '1-0', failedAgain }))).rejects.toEqual(fenced);
      });

      it('take their turn where the one before them was deferred and is done with', async () => {
        await takeOver(1);
        const retryAt = '2026-01-15T14:00:00.000Z';
        const deferred = parked('s:1', '9-0', { cause: 'deferred', retryAt });
        const behind = ['9-2', '9-10'].map((id) => parked('s:1', id, { cause: 'blocked', error: null }));
        const others = [parked('r:1', '20-0'), parked('r:1', '20-1', { cause: 'blocked', error: null })];
        await under.sink.transact(step({ to: at(1), park: [deferred, ...behind, ...others] }));
        const known = async (): Promise<unknown> =>
          (await under.sink.parked(group, 9)).map((one) => [one.entryId, one.cause, one.retryAt]);
        const rest = [
          ['20-0', 'poison', null],
          ['20-1', 'blocked', null],
        ];
        expect(await takeOver(1)).toMatchObject({ deferred: new Map([['s:1', Date.parse(retryAt)]]) });
        const taking = (entryId: string): Step => step({ from: '1-0', unpark: { stream: 's:1', entryId } });
        await under.sink.transact(taking('9-0'), note('handled'));
        expect(await known()).toEqual([...rest, ['9-2', 'deferred', retryAt], ['9-10', 'blocked', null]]);
        const failedAgain = parked('s:1', '9-2', { attempts: 4 });
        await under.sink.transact(step({ from: '1-0', failedAgain }));
        expect(await takeOver(1)).toMatchObject({ deferred: new Map() });
        await under.sink.transact(taking('9-2'));
        expect(await known()).toEqual([...rest, ['9-10', 'blocked', null]]);
      });
    });

    describe('requests', () => {
      it('wait in their order until a step finishes them', async () => {
        const of = { group, partition: 0 };
        await takeOver(1);
        await under.sink.request(of, { kind: 'retry', stream: 's:1' });
        await under.sink.request(of, { kind: 'discard', stream: 's:2', entryId: '2-0', reason: 'spam' });
        await under.sink.request(of, { kind: 'retry', stream: 's:1' });
        await under.sink.request({ group, partition: 1 }, { kind: 'retry', stream: 's:3' });
        const [retry, discard, ...more] = await under.sink.requests(of);
        expect(retry).toEqual({ id: expect.any(String), kind: 'retry', stream: 's:1' });
        expect(discard).toEqual({ id: expect.any(String), kind: 'discard', stream: 's:2', entryId: '2-0' });
        expect(more).toEqual([]);
        const zombie = step({ epoch: 0, finishedRequest: retry?.id ?? '' });
        await expect(under.sink.transact(zombie)).rejects.toEqual(fenced);
        expect(await under.sink.requests(of)).toHaveLength(2);
        await under.sink.transact(step({ finishedRequest: retry?.id ?? '' }));
        expect(await under.sink.requests(of)).toEqual([discard]);
        await under.sink.request(of, { kind: 'retry', stream: 's:1' });
        expect(await under.sink.requests(of)).toHaveLength(2);
      });
    });

    describe('what operators see', () => {
      it('counts what is parked and what is open', async () => {
        expect(await under.sink.parkedTotals(group)).toEqual({ streams: 0, events: 0, openRequests: 0 });
        await takeOver(1);
        const park = [parked('s:1', '1-0'), parked('s:1', '2-0', { cause: 'blocked' }), parked('s:2', '3-0')];
        await under.sink.transact(step({ park }));
        await under.sink.requestMany(group, [
          { kind: 'retry', partition: 0, stream: 's:1', actor: 'ops' },
          { kind: 'retry', partition: 0, stream: 's:1', actor: 'somebody else' },
          { kind: 'discard', partition: 0, stream: 's:2', entryId: '3-0', reason: 'spam', actor: '' },
          { kind: 'retry', partition: 1, stream: 's:3' },
        ]);
        expect(await under.sink.parkedTotals(group)).toEqual({ streams: 2, events: 3, openRequests: 3 });
        expect(await under.sink.requests({ group, partition: 0 })).toHaveLength(2);
      });

      it('keeps the stack, of the latest failure', async () => {
        await takeOver(1);
        await under.sink.transact(step({ park: [parked('s:1', '1-0', { stack: 'Error: no\n at a\0' })] }));
        const known = async () =>
          (await under.sink.parkedOf({ group, partition: 0 }, 's:1')).map(({ stack }) => stack);
        expect(await known()).toEqual(['Error: no\n at a\uFFFD']);
        await under.sink.transact(step({ failedAgain: parked('s:1', '1-0', { stack: 'at b' }) }));
        expect(await known()).toEqual(['at b']);
      });

      it('tells what has become of a request: open ones first, then the latest', async () => {
        const of = { group, partition: 0 };
        await takeOver(1);
        await under.sink.request(of, { kind: 'retry', stream: 's:1', actor: 'ops' });
        await under.sink.request(of, { kind: 'discard', stream: 's:2', entryId: '2-0', reason: 'spam' });
        await under.sink.request(of, { kind: 'resync', how: 'accept', reason: 'lost', actor: null });
        const asked = await under.sink.requests(of);
        expect(asked.map(({ kind }) => kind)).toEqual(['resync', 'retry', 'discard']);
        const retry = asked.find(({ kind }) => kind === 'retry')?.id ?? '';
        await under.sink.transact(step({ finishedRequest: retry, outcome: 'handled: 1 event' }));
        const none = { eventId: null, reason: null, actor: null, finishedAt: null, outcome: null };
        const requestedAt = expect.any(String);
        const all = [
          { ...none, partition: 0, kind: 'resync', stream: null, reason: 'lost', requestedAt },
          {
            ...none,
            partition: 0,
            kind: 'discard',
            stream: 's:2',
            eventId: '0-2-0',
            reason: 'spam',
            requestedAt,
          },
          {
            ...{ ...none, partition: 0, kind: 'retry', stream: 's:1', actor: 'ops', requestedAt },
            ...{ finishedAt: expect.any(String), outcome: 'handled: 1 event' },
          },
        ];
        expect(await under.sink.requestsOf(group, 10)).toEqual(all);
        expect(await under.sink.requestsOf(group, 2)).toEqual(all.slice(0, 2));
      });
    });

    describe('crashes', () => {
      it('are suspected of a batch where an owner has not said that it is gone', async () => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(7) }));
        expect(await takeOver(2, 'b')).toMatchObject({ carefulUntil: 7 + BATCH, suspect: null });
        await under.sink.transact(step({ epoch: 2, from: '7-0', to: at(8) }));
        // it ended in order, and so did not have another batch in hand, but was not through with that one
        await under.sink.release(owner(2));
        expect(await takeOver(3, 'c')).toMatchObject({ carefulUntil: 7 + BATCH });
        await under.sink.release(owner(2));
        expect(await takeOver(4, 'd')).toMatchObject({ carefulUntil: 7 + BATCH });
        await under.sink.endCare(owner(4));
        expect(await takeOver(5, 'e')).toMatchObject({ carefulUntil: 8 + BATCH });
        await under.sink.endCare(owner(5));
        await under.sink.release(owner(5));
        expect(await takeOver(6, 'f')).toMatchObject({ carefulUntil: null });
        await expect(under.sink.endCare(owner(5))).rejects.toEqual(fenced);
      });

      it('are suspected of no more than a batch where the checkpoint has gone back', async () => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(100) }));
        await takeOver(2);
        await under.sink.transact(step({ epoch: 2, from: '100-0', to: at(3) }));
        await under.sink.release(owner(2));
        expect(await takeOver(3)).toMatchObject({ carefulUntil: 3 + BATCH });
      });

      it('are suspected no more when the batch has been handled', async () => {
        await takeOver(1);
        await takeOver(2);
        await under.sink.transact(step({ epoch: 2, to: at(BATCH - 1) }));
        await under.sink.release(owner(2));
        expect(await takeOver(3)).toMatchObject({ carefulUntil: BATCH });
        await under.sink.transact(step({ epoch: 3, from: `${BATCH - 1}-0`, to: at(BATCH) }));
        await under.sink.release(owner(3));
        expect(await takeOver(4)).toMatchObject({ carefulUntil: null });
      });

      it('are not suspected of an owner that takes over again under its epoch', async () => {
        await takeOver(1);
        expect(await takeOver(1)).toMatchObject({ carefulUntil: null });
        await takeOver(2, 'b');
        expect(await takeOver(2, 'b')).toMatchObject({ carefulUntil: BATCH });
      });

      it('make nobody careful for longer where they come while one is', async () => {
        await takeOver(1);
        for (let epoch = 2; epoch < 2 + BATCH; epoch += 1) {
          expect(await takeOver(epoch)).toMatchObject({ carefulUntil: BATCH });
          const n = epoch - 1;
          const from = n === 1 ? null : `${n - 1}-0`;
          await under.sink.begin(owner(epoch), `${n}-0`);
          await under.sink.transact(step({ epoch, from, to: at(n) }));
          await under.sink.begin(owner(epoch), `${n + 1}-0`);
        }
        // the last one was through with it, and tries what may have become part of a batch
        expect(await takeOver(2 + BATCH)).toMatchObject({ carefulUntil: 2 * BATCH });
      });

      it('count for the event that was begun and not done with', async () => {
        await takeOver(1);
        await under.sink.begin(owner(1), '1-0');
        expect(await takeOver(1)).toMatchObject({ suspect: null });
        for (const [epoch, crashes] of [
          [2, 1],
          [3, 2],
        ] as const) {
          await under.sink.begin(owner(epoch - 1), '1-0');
          expect(await takeOver(epoch)).toMatchObject({
            carefulUntil: BATCH,
            suspect: { entryId: '1-0', crashes },
          });
        }
        await under.sink.begin(owner(3), '1-0');
        await under.sink.release(owner(3));
        expect(await takeOver(4)).toMatchObject({ suspect: { entryId: '1-0', crashes: 2 } });
        await under.sink.begin(owner(4), '2-0');
        expect(await takeOver(5)).toMatchObject({ suspect: { entryId: '2-0', crashes: 1 } });
      });

      it('are not forgotten because something else is tried before it', async () => {
        await takeOver(1);
        await under.sink.transact(step({ to: at(1), park: [parked('s:1', '1-0')] }));
        await under.sink.begin(owner(1), '2-0');
        expect(await takeOver(2)).toMatchObject({ suspect: { entryId: '2-0', crashes: 1 } });
        await under.sink.begin(owner(2), '1-0');
        const failedAgain = parked('s:1', '1-0', { attempts: 4 });
        await under.sink.transact(step({ epoch: 2, from: '1-0', failedAgain }));
        await under.sink.begin(owner(2), '2-0', 1);
        expect(await takeOver(3)).toMatchObject({ suspect: { entryId: '2-0', crashes: 2 } });
      });

      it('are forgotten with the step that is done with the event', async () => {
        await takeOver(1);
        await under.sink.begin(owner(1), '1-0');
        await takeOver(2);
        await under.sink.begin(owner(2), '1-0');
        await under.sink.transact(step({ epoch: 2, to: at(1), park: [parked('s:1', '1-0')] }));
        expect(await takeOver(3)).toMatchObject({ suspect: null });
        await under.sink.begin(owner(3), '1-0');
        await under.sink.transact(step({ epoch: 3, from: '1-0', unpark: { stream: 's:1', entryId: '1-0' } }));
        expect(await takeOver(4)).toMatchObject({ suspect: null });
      });

      it('cannot be laid to an event by an owner of the past', async () => {
        await takeOver(1);
        await takeOver(2, 'b');
        await expect(under.sink.begin(owner(1), '1-0')).rejects.toEqual(fenced);
      });
    });

    describe('starting over', () => {
      it('puts every partition back before its first event, with the effects, and closes what was asked', async () => {
        for (const partition of [0, 1]) {
          await takeOver(1, 'a', partition);
          await under.sink.transact(step({ partition, to: at(3), park: [parked('s:1', '3-0')] }));
          const resync = { kind: 'resync', how: 'rebuild', reason: 'lost', actor: 'ops' } as const;
          await under.sink.request({ group, partition }, resync);
        }
        const [asked] = await under.sink.requests({ group, partition: 1 });
        expect(asked).toEqual({ id: expect.any(String), kind: 'resync', how: 'rebuild' });
        const from = { group, partition: 0, epoch: 1, from: '3-0' };
        await expect(under.sink.startOver({ ...from, from: '2-0' }, 'done', note('late'))).rejects.toEqual(
          fenced,
        );
        await under.sink.startOver(from, 'done', note('deleted'));
        expect(await noted()).toEqual([`${group} deleted`]);
        for (const partition of [0, 1]) {
          const found = await under.sink.current({ group, partition });
          expect(found).toMatchObject({ epoch: 1, checkpoint: { entryId: null, handledEntries: 0 } });
          expect(await under.sink.requests({ group, partition })).toEqual([]);
        }
        expect(await under.sink.parked(group, 9)).toEqual([]);
        const zombie = step({ partition: 1, from: '3-0', to: at(4) });
        await expect(under.sink.transact(zombie)).rejects.toEqual(fenced);
        expect(await under.sink.current({ group, partition: 7 })).toBe(null);
      });
    });

    it('lets overlapping owners fight without deadlock, and counts each event once', async () => {
      await takeOver(1);
      const errors = await fight(under, group, ['a', 'b', 'c', 'd'], 30);
      expect(errors).toEqual([]);
      const all = await noted();
      expect(new Set(all).size).toBe(all.length);
      const last = await takeOver(1_000_000, 'z');
      expect(last).toMatchObject({ status: 'taken', checkpoint: { handledEntries: all.length } });
    });
  });
}
