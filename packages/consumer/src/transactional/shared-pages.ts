import type { EventStore } from '@headrace/event-store';
import { type CheckpointEvent, checkpointAt } from './divergence.ts';
import { type LogPage, readPage } from './read-log-page.ts';

/** Events that follow a checkpoint on its partition, in order. */
export interface Page extends LogPage {
  /** When they were asked for, or earlier; by `performance.now()`. */
  readonly at: number;
}

/** How long the page that one group has read serves the others: about as long as a transaction takes on a busy machine. */
const SHARED_FOR_MS = 100;

interface Reading {
  readonly at: number;
  readonly result: Promise<Page>;
  /** Once it has been read, unless it is empty. */
  page: Page | undefined;
}

/** Reads a log for several groups of a process: what one of them has just read, the others need not read again. */
export class SharedPages {
  readonly #store: EventStore;
  /** By what they follow, oldest first. */
  readonly #readings = new Map<string, Reading>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /**
   * At most `count` events after a checkpoint, and fewer where they are large.
   * @throws DivergedError
   */
  async after(partition: number, checkpoint: CheckpointEvent, count: number): Promise<Page> {
    this.#forgetOld(performance.now());
    const known = this.#known(partition, checkpoint, count);
    if (known.events.length > 0) return known;
    const latest = this.#readings.get(keyOf(partition, checkpoint));
    const underWay = latest?.page === undefined ? latest : undefined;
    const { events, isEnd, at } = await (underWay ?? this.#read(partition, checkpoint, count)).result;
    return { events: events.slice(0, count), isEnd: isEnd && events.length <= count, at };
  }

  #forgetOld(now: number): void {
    for (const [key, { at }] of this.#readings) {
      if (at >= now - SHARED_FOR_MS) return;
      this.#readings.delete(key);
    }
  }

  /** What has been read after a checkpoint, page by page. */
  #known(partition: number, checkpoint: CheckpointEvent, count: number): Page {
    let all: Page = { events: [], isEnd: false, at: 0 };
    let next = this.#readings.get(keyOf(partition, checkpoint))?.page;
    while (next !== undefined && all.events.length + next.events.length <= count) {
      all = { ...next, events: [...all.events, ...next.events] };
      const last = all.events.at(-1);
      next = last && this.#readings.get(keyOf(partition, checkpointAt(last)))?.page;
    }
    return next === undefined ? all : { ...all, isEnd: false };
  }

  #read(partition: number, checkpoint: CheckpointEvent, count: number): Reading {
    const at = performance.now();
    const key = keyOf(partition, checkpoint);
    const reading: Reading = {
      at,
      page: undefined,
      result: readPage(this.#store, partition, checkpoint, count).then((read) => {
        const page = { ...read, at };
        // an empty page is not kept: the log may have grown by the next call
        if (page.events.length > 0) reading.page = page;
        return page;
      }),
    };
    const forgetWithoutPage = (): void => {
      if (reading.page === undefined && this.#readings.get(key) === reading) this.#readings.delete(key);
    };
    reading.result.then(forgetWithoutPage, forgetWithoutPage);
    this.#readings.delete(key);
    this.#readings.set(key, reading);
    return reading;
  }
}

function keyOf(partition: number, { entryId, stream, version }: CheckpointEvent): string {
  return JSON.stringify([partition, entryId, stream, version]);
}
