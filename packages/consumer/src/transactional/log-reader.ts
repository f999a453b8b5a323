import type { EventStore } from '@headrace/event-store';
import { Wake } from '../delivery/wake.ts';
import { connectForBlocking, connectForGroupState } from '../runtime/connections.ts';
import { SharedPages } from './shared-pages.ts';

/** Listens to a log and reads it, for any number of transactional consumers of a process. */
export interface LogReader {
  readonly wake: Wake;
  readonly pages: SharedPages;
  /** Once the consumers have stopped. */
  close(): void;
}

/** Connects at once. @param onError told of lost connections, which are replaced by themselves */
export function createLogReader(store: EventStore, onError: (error: unknown) => void): LogReader {
  const control = connectForGroupState(store, onError);
  const wake = new Wake(() => connectForBlocking(store, onError), control);
  return {
    wake,
    pages: new SharedPages(store),
    close: () => {
      wake.close();
      control.disconnect();
    },
  };
}
