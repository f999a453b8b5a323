import type { EventStore } from '@headrace/event-store';
import { type CheckpointEvent, checkpointAt } from './divergence.ts';
import { type LogPage, readPage } from './read-page.ts';

/** Events that follow a checkpoint on its partition, in order. */
export interface Page extends LogPage {
  /** When they were asked for, or earlier; by `performance.now()`. */
  readonly at: number;
}

/** Reads a log for several groups of a process: what one of them has just read, the others need not read again. */
export interface SharedPages {
  /**
   * At most `count` events after a checkpoint, and fewer where they are large.
   * @throws DivergedError
   */
  after(partition: number, checkpoint: CheckpointEvent, count: number): Promise<Page>;
}

/** For how long others may do with what one has read: about as long as a transaction takes on a busy machine. */
const SHARED_FOR_MS = 100;

interface Reading {
  readonly at: number;
  readonly result: Promise<Page>;
  /** Once it is there. */
  readonly page: Page | undefined;
}

export function createSharedPages(store: EventStore): SharedPages {
  // by what they follow, oldest first
  const readings = new Map<string, Reading>();

  function forgetTheOld(now: number): void {
    for (const [key, { at }] of readings) {
      if (at >= now - SHARED_FOR_MS) return;
      readings.delete(key);
    }
  }

  /** What has been read after a checkpoint, page by page. */
  function known(partition: number, checkpoint: CheckpointEvent, count: number): Page {
    let all: Page = { events: [], isEnd: false, at: 0 };
    let next = readings.get(keyOf(partition, checkpoint))?.page;
    while (next !== undefined && all.events.length + next.events.length <= count) {
      all = { ...next, events: [...all.events, ...next.events] };
      const last = all.events.at(-1);
      next = last && readings.get(keyOf(partition, checkpointAt(last)))?.page;
    }
    return next === undefined ? all : { ...all, isEnd: false };
  }

  function read(partition: number, checkpoint: CheckpointEvent, count: number): Reading {
    const at = performance.now();
    const key = keyOf(partition, checkpoint);
    const reading: { -readonly [Name in keyof Reading]: Reading[Name] } = {
      at,
      page: undefined,
      result: readPage(store, partition, checkpoint, count).then((read) => {
        const page = { ...read, at };
        // there may be something after nothing by the time that somebody asks again
        if (page.events.length > 0) reading.page = page;
        return page;
      }),
    };
    const forgetWithoutPage = (): void => {
      if (reading.page === undefined && readings.get(key) === reading) readings.delete(key);
    };
    reading.result.then(forgetWithoutPage, forgetWithoutPage);
    readings.delete(key);
    readings.set(key, reading);
    return reading;
  }

  return {
    after: async (partition, checkpoint, count) => {
      forgetTheOld(performance.now());
      const found = known(partition, checkpoint, count);
      if (found.events.length > 0) return found;
      const onItsWay = readings.get(keyOf(partition, checkpoint));
      const reading = onItsWay?.page === undefined ? onItsWay : undefined;
      const { events, isEnd, at } = await (reading ?? read(partition, checkpoint, count)).result;
      return { events: events.slice(0, count), isEnd: isEnd && events.length <= count, at };
    },
  };
}

function keyOf(partition: number, { entryId, stream, version }: CheckpointEvent): string {
  return JSON.stringify([partition, entryId, stream, version]);
}
