import { eventually } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { addedTimes, type CounterCommand, counter, counterRegistry, opened } from './counter.ts';
import {
  collect,
  failureOf,
  keyed,
  logLength,
  newStream,
  type OpenStore,
  prefixOf,
  useStore,
} from './tools.ts';

const add = (by: number, times = 1): CounterCommand => ({ kind: 'add', by, times });

export function handleContract(openStore: OpenStore): void {
  describe('handling commands', () => {
    const store = useStore(openStore);

    async function openCounter(): Promise<string> {
      const stream = newStream();
      await store().append(stream, [opened()]);
      return stream;
    }

    it('decides, appends at the version it saw, and returns the state', async () => {
      const stream = newStream();
      const created = await store().handle(counter, stream, { kind: 'open', owner: 'ann' });
      expect(created).toMatchObject({ stream, version: 1, replayed: false, state: { total: 0 } });
      const result = await store().handle(counter, stream, add(5, 2), { actor: 'bob', commandId: 'c' });
      expect(result).toMatchObject({ version: 3, state: { total: 10, versions: [1, 2, 3] } });
      expect(await store().load(counter, stream)).toEqual({ state: result.state, version: 3 });
      const events = await collect(store().readStream(stream, { fromVersion: 2 }));
      expect(events.map(({ position }) => position)).toEqual(result.positions);
      expect(events[0]?.meta).toEqual({ commandId: 'c', correlationId: 'c', actor: 'bob' });
    });

    it('appends nothing when it refuses or has nothing to do', async () => {
      const stream = await openCounter();
      const before = await logLength(store(), stream);
      const refused = store().handle(counter, stream, { kind: 'open', owner: 'bob' });
      expect(await failureOf(refused)).toMatchObject({ code: 'COUNTER_REFUSAL' });
      const idle = await store().handle(counter, stream, { kind: 'nothing' }, { idempotency: keyed('n') });
      expect(idle).toMatchObject({ version: 1, positions: [], replayed: false });
      expect(await logLength(store(), stream)).toBe(before);
    });

    it('tells a decision that breaks its contract from what a caller asked for wrongly', async () => {
      const stream = await openCounter();
      const before = await logLength(store(), stream);
      const broken = await failureOf(store().handle(counter, stream, add(Number.NaN)));
      expect(broken).toMatchObject({
        code: 'INVALID_DECISION',
        stream,
        cause: { code: 'CONTRACT_VIOLATION' },
      });
      const astray = store().handle({ ...counter, decide: () => [opened()] }, 'tally:1', add(1));
      expect(await failureOf(astray)).toMatchObject({ cause: { code: 'CATEGORY_MISMATCH' } });
      expect(await logLength(store(), stream)).toBe(before);
    });

    it('refuses a decider and a fold of a category that no stream can have', async () => {
      const stream = newStream();
      const misnamed = { ...counter, category: 'coin-counter' };
      const opening = store().handle(misnamed, stream, { kind: 'open', owner: 'ann' });
      expect(await failureOf(opening)).toMatchObject({ code: 'INVALID_CATEGORY' });
      expect(await failureOf(store().load(misnamed, stream))).toMatchObject({ code: 'INVALID_CATEGORY' });
      expect(await store().streamVersion(stream)).toBe(0);
    });

    it('decides anew after a conflict with another process', async () => {
      const stream = await openCounter();
      const others = await openStore({ registry: counterRegistry, prefix: prefixOf(store()) });
      const race = [store(), others].flatMap((process) =>
        Array.from({ length: 25 }, () => process.handle(counter, stream, add(1))),
      );
      const results = await Promise.all(race);
      expect(new Set(results.map(({ version }) => version)).size).toBe(50);
      for (const { state, version } of results) expect(state?.total).toBe(version - 1);
      await others.close();
    });

    it.each([
      ['decides anew on what an intruder left', 1],
      ['passes a conflict on that does not end', Number.POSITIVE_INFINITY],
    ])('%s', async (_, intrusions) => {
      const stream = await openCounter();
      const intruding: Promise<unknown>[] = [];
      const seen: (number | undefined)[] = [];
      const intruded: typeof counter = {
        ...counter,
        decide: (command, state) => {
          seen.push(state?.total);
          // asked for earlier on the same connection, so it is there before what is being decided
          if (intruding.length < intrusions) intruding.push(store().append(stream, addedTimes(1, 100)));
          return counter.decide(command, state);
        },
      };
      const outcome = store().handle(intruded, stream, add(1));
      if (intrusions === 1) {
        expect(await outcome).toMatchObject({ version: 3, state: { total: 101 } });
        expect(seen).toEqual([0, 100]);
      } else {
        expect(await failureOf(outcome)).toMatchObject({ code: 'WRONG_EXPECTED_VERSION' });
        expect(seen).toEqual(Array.from({ length: 20 }, (_unused, i) => i * 100));
      }
      await Promise.all(intruding);
    });

    it('leaves the conflict to a caller who pinned the version', async () => {
      const stream = await openCounter();
      const pinned = await store().handle(counter, stream, add(1), { expectedVersion: 1 });
      expect(pinned.version).toBe(2);
      const late = store().handle(counter, stream, add(1), { expectedVersion: 1 });
      expect(await failureOf(late)).toMatchObject({ code: 'WRONG_EXPECTED_VERSION', expected: 1, actual: 2 });
      const racers = await Promise.allSettled(
        Array.from({ length: 20 }, () => store().handle(counter, stream, add(1), { expectedVersion: 2 })),
      );
      expect(racers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const fresh = newStream();
      const open: CounterCommand = { kind: 'open', owner: 'ann' };
      await store().handle(counter, fresh, open, { expectedVersion: 0 });
      const again = store().handle(counter, fresh, open, { expectedVersion: 0, creates: true });
      expect(await failureOf(again)).toMatchObject({ code: 'WRONG_EXPECTED_VERSION', actual: 1 });
    });

    it('lets exactly one of 200 concurrent commands win where only one may', async () => {
      const stream = await openCounter();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 200 }, () => store().handle(counter, stream, { kind: 'close' })),
      );
      const refusals = outcomes.filter((outcome) => outcome.status === 'rejected');
      expect(refusals).toHaveLength(199);
      for (const { reason } of refusals) expect(reason).toMatchObject({ code: 'COUNTER_REFUSAL' });
      expect(await store().streamVersion(stream)).toBe(2);
    });

    it('carries out many concurrent commands that all may, each once', async () => {
      const stream = await openCounter();
      await Promise.all(Array.from({ length: 200 }, (_, i) => store().handle(counter, stream, add(i))));
      const { state, version } = await store().load(counter, stream);
      expect(version).toBe(201);
      expect(state?.total).toBe((199 * 200) / 2);
    });

    it('gives repeats under a key their first answer, also when the state would refuse them now', async () => {
      const stream = await openCounter();
      const idempotency = keyed('close', {});
      const first = await store().handle(counter, stream, { kind: 'close' }, { idempotency });
      const other = keyed('close', { other: true });
      const repeat = await store().handle(counter, stream, { kind: 'close' }, { idempotency });
      expect(repeat).toEqual({ ...first, replayed: true });
      const reused = store().handle(counter, stream, { kind: 'close' }, { idempotency: other });
      expect(await failureOf(reused)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    });

    it('gives the state of then to a repeat that comes after the stream has moved on', async () => {
      const stream = await openCounter();
      const idempotency = keyed('add', {});
      const first = await store().handle(counter, stream, add(5, 2), { idempotency });
      await store().append(stream, addedTimes(150));
      const repeat = await store().handle(counter, stream, add(5, 2), { idempotency, expectedVersion: 1 });
      expect(repeat).toEqual({ ...first, replayed: true });
    });

    it('answers twenty repeats at once with one event', async () => {
      const stream = await openCounter();
      const created = newStream();
      for (const [target, command, creates] of [
        [stream, add(3, 2), false],
        [created, { kind: 'open', owner: 'ann' }, true],
      ] as const) {
        const results = await Promise.all(
          Array.from({ length: 20 }, () =>
            store().handle(counter, target, command, { idempotency: keyed('once', command), creates }),
          ),
        );
        expect(new Set(results.map(({ replayed: _, ...answer }) => JSON.stringify(answer))).size).toBe(1);
        expect(results.filter(({ replayed }) => !replayed)).toHaveLength(1);
      }
      expect(await store().streamVersion(stream)).toBe(3);
      expect(await store().streamVersion(created)).toBe(1);
    });

    it('knows a creation again after its receipt is gone', async () => {
      const stream = newStream();
      const command: CounterCommand = { kind: 'open', owner: 'ann' };
      const idempotency = keyed('create', command, 1);
      const first = await store().handle(counter, stream, command, { idempotency, creates: true });
      await store().handle(counter, stream, add(9));
      const receipt = store().keys.idempotency(stream, ['ann', 'add', 'create']);
      await eventually(async () => expect(await store().redis.exists(receipt)).toBe(0));
      const repeat = await store().handle(counter, stream, command, { idempotency, creates: true });
      expect(repeat).toEqual({ ...first, replayed: true });

      const changed = keyed('create', { ...command, owner: 'bob' }, 1);
      const reused = store().handle(counter, stream, command, { idempotency: changed, creates: true });
      expect(await failureOf(reused)).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      const stranger = { ...idempotency, actor: 'mallory' };
      const taken = store().handle(counter, stream, command, { idempotency: stranger, creates: true });
      expect(await failureOf(taken)).toMatchObject({ code: 'COUNTER_REFUSAL' });
      expect(await store().streamVersion(stream)).toBe(2);
    });
  });
}
