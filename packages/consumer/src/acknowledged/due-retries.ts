import { ParkedRetries } from '../dead-letters/parked-retries.ts';
import { AcknowledgedParkedStore } from './acknowledged-parked-store.ts';
import type { AcknowledgedPartition } from './acknowledged-partition.ts';
import type { RecordedParkedEvent } from './parked-record.ts';
import { taskOf } from './stored-request.ts';

/** How often requests of operators are read. */
export const REQUESTS_EVERY_MS = 500;
/** The same while nothing is parked: a request may have come too late, or been left by an owner before. */
export const REQUESTS_AT_REST_EVERY_MS = 30_000;
/** The others are read the next time. */
const REQUESTS_AT_ONCE = 100;

/**
 * Tries parked events again: those that operators ask for, and those of deferred streams that are due. Each is a task
 * in the lane of its stream, so that its parked events come before its next ones.
 */
export class DueRetries<Message> {
  readonly #partition: AcknowledgedPartition<Message>;
  readonly #parked: ParkedRetries<RecordedParkedEvent>;
  /** Texts of requests, and deferred streams, that have a task in the lanes. */
  readonly #discards = new Set<string>();
  readonly #retries = new Set<string>();
  readonly #deferred = new Set<string>();
  /** Each may take long to fail, and new messages need room beside them; neither kind keeps the other waiting. */
  readonly #maxDeferred: number;
  readonly #maxRetries: number;
  #readAt = 0;
  #readAtRestAt = 0;

  constructor(partition: AcknowledgedPartition<Message>) {
    const { context, blocked, streak } = partition;
    const { concurrency } = context.policy;
    this.#partition = partition;
    this.#parked = new ParkedRetries(context, blocked, streak, new AcknowledgedParkedStore(partition));
    this.#maxDeferred = Math.max(1, Math.floor(concurrency / 2));
    this.#maxRetries = Math.max(1, concurrency - this.#maxDeferred - 1);
  }

  /** Adds tasks for what is asked for and for what is due, if it is time to. */
  async addDue(): Promise<void> {
    const now = performance.now();
    if (now < (this.#partition.blocked.size > 0 ? this.#readAt : this.#readAtRestAt)) return;
    this.#readAtRestAt = now + REQUESTS_AT_REST_EVERY_MS;
    this.#readAt = (await this.#addRequests()) ? now : now + REQUESTS_EVERY_MS;
    this.#addDeferred();
  }

  /** For a task in the lane of a stream that can only go on once there is room: does what is asked for and due. */
  async runDueOf(stream: string): Promise<void> {
    const { parked, blocked } = this.#partition;
    for (const text of await parked.requests(REQUESTS_AT_ONCE)) {
      const task = taskOf(text);
      if (task.stream !== stream) continue;
      await this.#parked.run(task);
      // its own task may stand in the lane behind the caller
      this.#retries.delete(text);
      this.#discards.delete(text);
    }
    if (blocked.due().includes(stream)) await this.#parked.retry(stream);
  }

  /** @returns whether there is more, for when one of these is done */
  async #addRequests(): Promise<boolean> {
    let isMore = false;
    for (const text of await this.#partition.parked.requests(REQUESTS_AT_ONCE)) {
      const task = taskOf(text);
      const inLanes = task.kind === 'discard' ? this.#discards : this.#retries;
      const isTooMany =
        task.kind === 'retry' && this.#retries.size >= this.#maxRetries && !this.#retries.has(text);
      if (isTooMany) isMore = true;
      else this.#addOnce(inLanes, text, task.stream, () => this.#parked.run(task));
    }
    return isMore;
  }

  #addDeferred(): void {
    const due = this.#partition.blocked.due().filter((stream) => !this.#deferred.has(stream));
    for (const stream of due.slice(0, Math.max(0, this.#maxDeferred - this.#deferred.size)))
      this.#addOnce(this.#deferred, stream, stream, () => this.#parked.retry(stream));
  }

  /** Once, however often it is found before it is done; not at all where it has been done by then. */
  #addOnce(inLanes: Set<string>, name: string, stream: string, work: () => Promise<void>): void {
    if (inLanes.has(name)) return;
    inLanes.add(name);
    this.#partition.lanes.add(stream, async () => {
      if (!inLanes.has(name)) return;
      await work();
      inLanes.delete(name);
    });
  }
}
