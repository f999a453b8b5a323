import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type EventEnvelope, entryIdOf } from '@headrace/event-schema';
import { eventually } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CheckpointEvent, createLogReader, type LogReader } from '../src/index.ts';
import { checkpointAt } from '../src/transactional/divergence.ts';
import { newOrder, say, sayMuch, textOf, useStore } from './support/orders.ts';

const { store } = useStore(1);
const never = new AbortController().signal;
let reader: LogReader;
beforeAll(() => {
  reader = createLogReader(store(), () => undefined);
});
afterAll(() => reader.close());

const key = (): string => store().keys.log(0);

/** A checkpoint at the end of the log. */
async function theEnd(): Promise<CheckpointEvent> {
  const [position = ''] = await say(store(), newOrder(), 'the end so far');
  const event = await store().readEvent(position);
  if (event === null) throw new Error('not in the log');
  return checkpointAt(event);
}

const texts = (events: readonly EventEnvelope[]): readonly string[] => events.map(textOf);

describe('pages', () => {
  it('are read once for all who ask at about the same time', async () => {
    const start = await theEnd();
    await say(store(), newOrder(), 'a', 'b');
    const asked = await Promise.all([1, 2, 3].map(() => reader.pages.after(0, start, 10)));
    const later = await reader.pages.after(0, start, 10);
    expect(texts(later.events)).toEqual(['a', 'b']);
    // the very same events: decoded once
    for (const { events } of asked)
      for (const [i, event] of events.entries()) expect(event).toBe(later.events[i]);
    expect(later.isEnd).toBe(true);
  });

  it('are strung together for who comes later', async () => {
    const start = await theEnd();
    const stream = newOrder();
    await say(store(), stream, 'a');
    const first = await reader.pages.after(0, start, 10);
    const after = checkpointAt(first.events[0] as EventEnvelope);
    await say(store(), stream, 'b', 'c');
    const second = await reader.pages.after(0, after, 10);
    const both = await reader.pages.after(0, start, 10);
    expect(both.events).toEqual([...first.events, ...second.events]);
    expect(both.events[1]).toBe(second.events[0]);
    expect(both).toMatchObject({ isEnd: true, at: second.at });
  });

  it('are not longer than was asked for, and say whether there is more', async () => {
    const start = await theEnd();
    await say(store(), newOrder(), 'a', 'b', 'c');
    await reader.pages.after(0, start, 10);
    const two = await reader.pages.after(0, start, 2);
    expect(texts(two.events)).toEqual(['a', 'b']);
    expect(two.isEnd).toBe(false);
    const third = await reader.pages.after(0, checkpointAt(two.events[1] as EventEnvelope), 2);
    expect(texts(third.events)).toEqual(['c']);
    expect(third.isEnd).toBe(true);
  });

  it('are shorter where events are large, and say that there is more', async () => {
    const start = await theEnd();
    await sayMuch(store(), newOrder(), 120);
    let [after, seen] = [start, 0];
    for (let isEnd = false; !isEnd; ) {
      const page = await reader.pages.after(0, after, 500);
      // 1 MiB, and less than another step
      expect(page.events.length).toBeLessThan(60);
      seen += page.events.length;
      after = checkpointAt(page.events.at(-1) as EventEnvelope);
      isEnd = page.isEnd;
    }
    expect(seen).toBe(120);
  });

  it('that are empty are not kept', async () => {
    const start = await theEnd();
    expect((await reader.pages.after(0, start, 10)).events).toEqual([]);
    await say(store(), newOrder(), 'a');
    expect(texts((await reader.pages.after(0, start, 10)).events)).toEqual(['a']);
  });

  it('are read anew after a while, so that a log that has lost its end is noticed', async () => {
    const start = await theEnd();
    const [position = ''] = await say(store(), newOrder(), 'a');
    expect(texts((await reader.pages.after(0, start, 10)).events)).toEqual(['a']);
    await store().redis.xdel(key(), entryIdOf(position), start.entryId ?? '');
    await eventually(async () => {
      await expect(reader.pages.after(0, start, 10)).rejects.toMatchObject({ code: 'DIVERGED' });
    });
  });
});

describe('waiting', () => {
  it('ends when the log has grown, for all who wait', async () => {
    const { entryId } = await theEnd();
    const read = { entryId: entryId ?? '', at: performance.now() };
    const waiting = [1, 2, 3].map(() => reader.wake.wait(key(), read, never));
    await say(store(), newOrder(), 'a');
    const began = performance.now();
    expect(await Promise.all(waiting)).toEqual([true, true, true]);
    expect(performance.now() - began).toBeLessThan(1_900);
    const unheard = { entryId: (await theEnd()).entryId ?? '', at: performance.now() };
    expect(await reader.wake.wait(key(), unheard, never, 20)).toBe(false);
  });

  it('ends at once when others have heard of something since the read that found nothing', async () => {
    const { entryId } = await theEnd();
    const read = { entryId: entryId ?? '', at: performance.now() };
    const heard = reader.wake.wait(key(), read, never);
    await say(store(), newOrder(), 'a');
    await heard;
    const late = reader.wake.wait(key(), read, never).then(() => 'at once');
    expect(await Promise.race([late, setImmediate('not at once')])).toBe('at once');
  });

  it('ends at once also when others have read further before anybody waited', async () => {
    const own = createLogReader(store(), () => undefined);
    try {
      const { entryId } = await theEnd();
      const read = { entryId: entryId ?? '', at: performance.now() };
      const [position = ''] = await say(store(), newOrder(), 'a');
      const ahead = new AbortController();
      void own.wake.wait(key(), { entryId: entryIdOf(position), at: performance.now() }, ahead.signal);
      const behind = own.wake.wait(key(), read, never).then(() => 'at once');
      expect(await Promise.race([behind, setImmediate('not at once')])).toBe('at once');
      ahead.abort();
    } finally {
      own.close();
    }
  });

  it('does not end for what the read must have seen: an end that is gone again', async () => {
    const { entryId } = await theEnd();
    const before = { entryId: entryId ?? '', at: performance.now() };
    const heard = reader.wake.wait(key(), before, never);
    const [position = ''] = await say(store(), newOrder(), 'a');
    await heard;
    await store().redis.xdel(key(), entryIdOf(position));
    const giveUp = new AbortController();
    const read = { entryId: entryId ?? '', at: performance.now() };
    const waiting = reader.wake.wait(key(), read, giveUp.signal).then(() => 'told');
    expect(await Promise.race([waiting, sleep(100, 'waits')])).toBe('waits');
    giveUp.abort();
    await waiting;
  });
});
