import { checkpointAt } from './divergence.ts';
import type { Page } from './shared-pages.ts';
import type { TransactionalSession } from './transactional-session.ts';

/** Reads the pages after a session's checkpoint; where there is more, the next is read while one is applied. */
export class PageReader<Tx> {
  readonly #session: TransactionalSession<Tx>;
  #ahead: { readonly after: string; readonly page: Promise<Page> } | undefined;

  constructor(session: TransactionalSession<Tx>) {
    this.#session = session;
  }

  /** @throws DivergedError */
  async next(): Promise<Page> {
    const { context, shared, checkpoint } = this.#session;
    const { partition } = context.lease;
    const { batchSize } = context.policy;
    const ahead = this.#ahead;
    const page = await (ahead !== undefined && ahead.after === checkpoint.entryId
      ? ahead.page
      : shared.pages.after(partition, checkpoint, batchSize));
    this.#ahead = undefined;
    const last = page.events.at(-1);
    if (last !== undefined && !page.isEnd) {
      const at = checkpointAt(last);
      this.#ahead = { after: at.entryId, page: shared.pages.after(partition, at, batchSize) };
      // a failure is thrown when the page is asked for
      this.#ahead.page.catch(() => undefined);
    }
    return page;
  }
}
