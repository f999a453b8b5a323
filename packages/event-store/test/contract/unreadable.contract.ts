import { describe, expect, it } from 'vitest';
import { addedTimes, type CounterCommand, counter, counterRegistry, opened } from './counter.ts';
import {
  addByHand,
  byHand,
  failureOf,
  keyed,
  logLength,
  newStream,
  type OpenStore,
  prefixOf,
  useStore,
} from './tools.ts';

const addOne: CounterCommand = { kind: 'add', by: 1 };

export function unreadableContract(openStore: OpenStore): void {
  describe('a stream with an event that cannot be interpreted', () => {
    const store = useStore(openStore, { snapshotEvery: 1 });

    /** Of five versions: opened, added 1, what `fields` say, added 2, added 3. */
    async function streamWith(fields: Readonly<Record<string, string>>): Promise<string> {
      const stream = newStream();
      await store().append(stream, [opened(), ...addedTimes(1)]);
      const position = await addByHand(store(), store().keys.partitionOf(stream), {
        ...byHand(stream, 3, 5),
        ...fields,
      });
      await store().redis.rpush(store().keys.stream(stream), position.slice(position.indexOf('-') + 1));
      await store().append(stream, addedTimes(2, 2));
      return stream;
    }

    describe.each([
      ['of a newer version', { schema: '9' }, 'unknown-version'],
      ['that is no JSON', { data: '{"by":' }, 'malformed'],
      ['that is no object', { data: 'null' }, 'malformed'],
    ])('%s', (_, fields, reason) => {
      const unreadable = (stream: string): object => ({
        code: 'UNREADABLE_EVENT',
        stream,
        version: 3,
        eventType: 'CounterAdded',
        reason,
      });

      it('has no state from there on, and keeps its states up to there', async () => {
        const stream = await streamWith(fields);
        expect(await failureOf(store().load(counter, stream))).toMatchObject(unreadable(stream));
        for (const version of [3, 4, 5])
          expect(await failureOf(store().load(counter, stream, { version }))).toMatchObject(
            unreadable(stream),
          );
        expect(await store().listSnapshots(stream)).toEqual([]);
        expect(await store().load(counter, stream, { version: 2 })).toMatchObject({ state: { total: 1 } });
      });

      it('takes no decisions, and nothing is appended', async () => {
        const stream = await streamWith(fields);
        const before = await logLength(store(), stream);
        const decided: unknown[] = [];
        const watched: typeof counter = {
          ...counter,
          decide: (command, state) => {
            decided.push(state);
            return counter.decide(command, state);
          },
        };
        for (const options of [{}, { expectedVersion: 5 }, { idempotency: keyed('k') }])
          expect(await failureOf(store().handle(watched, stream, addOne, options))).toMatchObject(
            unreadable(stream),
          );
        expect(decided).toEqual([]);
        expect(await logLength(store(), stream)).toBe(before);
        expect(await store().listSnapshots(stream)).toEqual([]);
      });
    });

    it('gives no answer again whose state is not known any more', async () => {
      const stream = newStream();
      await store().append(stream, [opened()]);
      const idempotency = keyed('k');
      await store().handle(counter, stream, addOne, { idempotency });
      const key = store().keys.stream(stream);
      const broken = await addByHand(store(), store().keys.partitionOf(stream), {
        ...byHand(stream, 1, 5),
        schema: '9',
      });
      await store().redis.lset(key, 0, broken.slice(broken.indexOf('-') + 1));
      const repeat = store().handle(counter, stream, addOne, { idempotency });
      expect(await failureOf(repeat)).toMatchObject({ code: 'UNREADABLE_EVENT', version: 1 });
    });

    it('is decided on from a snapshot that a newer release has taken after it', async () => {
      const stream = await streamWith({ schema: '9' });
      const state = { owner: 'ann', total: 40, open: true, versions: [] };
      await store().saveSnapshot(stream, { version: 4, foldVersion: 1, state });
      expect(await store().handle(counter, stream, addOne)).toMatchObject({
        version: 6,
        state: { total: 44 },
      });
    });

    it.each([
      ['of an unregistered type', { type: 'CounterPolished' }],
      ['of an unregistered type that is no JSON', { type: 'CounterPolished', data: '{"by":' }],
    ])('%s is decided on as if that were not there', async (_, fields) => {
      const stream = await streamWith(fields);
      expect(await store().load(counter, stream)).toMatchObject({ version: 5, state: { total: 6 } });
      const result = await store().handle(counter, stream, addOne);
      expect(result).toMatchObject({ version: 6, state: { total: 7 } });
    });

    it('is read as before', async () => {
      const stream = await streamWith({ schema: '9' });
      const reader = await openStore({ registry: counterRegistry, prefix: prefixOf(store()) });
      const seen: (string | undefined)[] = [];
      for await (const { unreadable } of reader.readStream(stream)) seen.push(unreadable);
      expect(seen).toEqual([undefined, undefined, 'unknown-version', undefined, undefined]);
      await reader.close();
    });
  });
}
