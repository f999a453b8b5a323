import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, type MaterialisedIn, materialisedOf } from '@headrace/projections';

/** A look that takes longer has lost its connection, which others need not wait for. */
const PATIENCE_MS = 1_000;

/** Whether a projection's active version has an event by now. */
export type Look = (eventId: string, projection: string) => Promise<MaterialisedIn>;

/**
 * Looks with one query at a time for each projection: whoever asks while one is on its way shares the next. However
 * many wait for their events, the database is asked no more often than it answers.
 */
export function createLook(database: Pick<Database<unknown>, 'db'>): Look {
  const onTheirWay = new Map<string, Promise<unknown>>();
  const gathering = new Map<string, Gathering>();

  function gather(projection: string): Gathering {
    const eventIds: string[] = [];
    const ask = (): Promise<readonly MaterialisedIn[]> => {
      gathering.delete(projection);
      const asked = materialisedOf(database, eventIds, projection);
      const done = (): void => {
        if (onTheirWay.get(projection) === told) onTheirWay.delete(projection);
      };
      const told: Promise<void> = asked.then(done, done);
      onTheirWay.set(projection, told);
      return asked;
    };
    const before = onTheirWay.get(projection);
    const turn =
      before === undefined
        ? Promise.resolve()
        : Promise.race([before, sleep(PATIENCE_MS, undefined, { ref: false })]);
    const answers = turn.then(ask);
    return { eventIds, answers };
  }

  return async (eventId, projection) => {
    const mine = gathering.get(projection) ?? gather(projection);
    gathering.set(projection, mine);
    const place = mine.eventIds.push(eventId) - 1;
    const answers = await mine.answers;
    const found = answers[place];
    if (found === undefined) throw new Error(`${answers.length} answers, and none for ${eventId}`);
    return found;
  };
}

interface Gathering {
  readonly eventIds: string[];
  /** In the order of the ids. */
  readonly answers: Promise<readonly MaterialisedIn[]>;
}
