import { setTimeout as sleep } from 'node:timers/promises';
import { type MaterialisedIn, materialisedOf, type Queryable } from '@headrace/projections';

/** A query that takes longer has lost its connection; the next batch does not wait for it. */
const LONGEST_WAIT_MS = 1_000;

interface Batch {
  readonly eventIds: string[];
  /** In the order of the ids. */
  readonly answers: Promise<readonly MaterialisedIn[]>;
}

/**
 * Tells whether read models have events by now. Runs one query at a time for each projection: what is asked
 * meanwhile is asked together by the next query. The database is asked no more often than it answers, however many
 * requests wait for their events.
 */
export class MaterialisedLookup {
  readonly #database: Queryable;
  /** By projection; resolves when its latest query has ended. */
  readonly #running = new Map<string, Promise<void>>();
  /** By projection; not asked yet. */
  readonly #waiting = new Map<string, Batch>();

  constructor(database: Queryable) {
    this.#database = database;
  }

  /** What the projection's active version has of an event. @throws UnknownProjectionError */
  async find(eventId: string, projection: string): Promise<MaterialisedIn> {
    const batch = this.#waiting.get(projection) ?? this.#openBatch(projection);
    const place = batch.eventIds.push(eventId) - 1;
    const answers = await batch.answers;
    const found = answers[place];
    if (found === undefined) throw new Error(`${answers.length} answers, and none for ${eventId}`);
    return found;
  }

  #openBatch(projection: string): Batch {
    const eventIds: string[] = [];
    const running = this.#running.get(projection);
    const turn = running === undefined ? Promise.resolve() : Promise.race([running, timeout()]);
    const batch = { eventIds, answers: turn.then(() => this.#ask(projection, eventIds)) };
    this.#waiting.set(projection, batch);
    return batch;
  }

  #ask(projection: string, eventIds: readonly string[]): Promise<readonly MaterialisedIn[]> {
    this.#waiting.delete(projection);
    const answers = materialisedOf(this.#database, eventIds, projection);
    const end = (): void => {
      if (this.#running.get(projection) === ended) this.#running.delete(projection);
    };
    const ended: Promise<void> = answers.then(end, end);
    this.#running.set(projection, ended);
    return answers;
  }
}

function timeout(): Promise<void> {
  return sleep(LONGEST_WAIT_MS, undefined, { ref: false });
}
