import { type EventStore, loadScript } from '@headrace/event-store';
import pg from 'pg';

/** Where a transactional worker is to die, in the order in which it passes these points with a batch. */
export type DeathPoint = 'effects written' | 'committed' | 'mirror sent' | 'mirrored';

export interface Death {
  readonly point: DeathPoint;
  /** The how manyth time that it comes to the point, from 1. */
  readonly time: number;
}

const INSERT = 'insert into effects';

/**
 * Makes this process kill itself when it comes to the point.
 *
 * @param store any one; all connections to Redis are of its class
 */
export function dieAt(death: Death, store: EventStore): void {
  let left = death.time;
  const at = (point: DeathPoint): void => {
    if (point !== death.point) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, 'SIGKILL');
  };
  watchCommits(at);
  watchMirrors(at, Object.getPrototypeOf(store.redis));
}

/** Only of transactions that hold effects: taking over and migrating commit too. */
function watchCommits(at: (point: DeathPoint) => void): void {
  const { query } = pg.Client.prototype;
  const withEffects = new WeakSet<pg.Client>();
  const patched = function (this: pg.Client, ...args: unknown[]): unknown {
    const [statement] = args as [string | pg.QueryConfig];
    const text = typeof statement === 'string' ? statement : statement.text;
    if (text.startsWith(INSERT)) withEffects.add(this);
    const isIt = text === 'commit' && withEffects.delete(this);
    if (isIt) at('effects written');
    const answer: unknown = Reflect.apply(query, this, args);
    if (!isIt) return answer;
    return Promise.resolve(answer).then((result) => {
      at('committed');
      return result;
    });
  };
  Object.assign(pg.Client.prototype, { query: patched });
}

function watchMirrors(at: (point: DeathPoint) => void, prototype: EventStore['redis']): void {
  const { sha } = loadScript('mirror-2', new URL('scripts/', import.meta.resolve('@headrace/consumer')).href);
  const { call } = prototype;
  const patched = async function (this: EventStore['redis'], ...args: unknown[]): Promise<unknown> {
    const answer: Promise<unknown> = Reflect.apply(call, this, args);
    if (!args.includes(sha)) return await answer;
    at('mirror sent');
    const reply = await answer;
    at('mirrored');
    return reply;
  };
  Object.assign(prototype, { call: patched });
}
