import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { send } from './http.ts';

/** What a writer was answered. */
export interface WriteAnswer {
  readonly request: string;
  /** Ms since the epoch. */
  readonly startedAt: number;
  readonly tookMs: number;
  /** 0: no answer at all, since the connection was refused or broke. */
  readonly status: number;
  readonly retryAfter: string | null;
  readonly eventId: string | undefined;
  readonly body: unknown;
}

export interface LoadOptions {
  /** Writers at once. Default 4. */
  readonly writers?: number;
  /** Between two requests of a writer. Default 40 ms: less than a hundred requests a second. */
  readonly pauseMs?: number;
  /** The load ends by itself after this long. Default 60 s. */
  readonly longestMs?: number;
}

export interface Load {
  /** All answers so far, in the order in which they came. */
  readonly answers: readonly WriteAnswer[];
  /** Lets every writer end the order it is at, if it can, and resolves when all have. */
  stop(): Promise<void>;
}

/** Waits until this many more writes have succeeded. */
export async function moreSuccesses(load: Load, more: number): Promise<void> {
  const successes = (): number => load.answers.filter(isSuccess).length;
  const wanted = successes() + more;
  await eventually(`${more} more writes`, () => {
    if (successes() < wanted) throw new Error(`last answers: ${JSON.stringify(load.answers.slice(-3))}`);
  });
}

/** Whether a write was acknowledged. */
export function isSuccess({ status }: Pick<WriteAnswer, 'status'>): boolean {
  return status >= 200 && status < 300;
}

/** The steps of every kind of order after it was placed, by turns. */
const kinds: readonly (readonly string[])[] = [
  [],
  ['payment'],
  ['payment', 'ship', 'deliver'],
  ['payment', 'cancel'],
  ['cancel'],
  ['payment', 'ship'],
];

const bodies: Readonly<Record<string, object>> = {
  payment: { paymentMethod: 'credit_card', amount: 25.5, currency: 'USD' },
  ship: { carrier: 'UPS', trackingNumber: '1Z999AA10123456784' },
  deliver: { signature: 'Ada' },
  cancel: { reason: 'Changed my mind', userId: 'user-1' },
};

/**
 * Writes orders as careful clients do: every request has an Idempotency-Key and is repeated under it while it is not
 * answered with success or refusal. Ends by itself.
 */
export function startLoad(orderApi: string, options: LoadOptions = {}): Load {
  const { writers = 4, pauseMs = 40, longestMs = 60_000 } = options;
  const answers: WriteAnswer[] = [];
  const run = crypto.randomUUID().slice(0, 8);
  const deadline = Date.now() + longestMs;
  let begun = 0;
  let stopping = false;

  const goesOn = (): boolean => !stopping && Date.now() < deadline;
  const writer = async (): Promise<void> => {
    while (goesOn()) await writeOrder(begun++);
  };
  const writeOrder = async (number: number): Promise<void> => {
    const steps = kinds[number % kinds.length] ?? [];
    const placed = await write('/orders', orderBody(run, number), `${run}-${number}`);
    const { orderId } = (placed ?? {}) as { readonly orderId?: string };
    for (const step of orderId === undefined ? [] : steps) {
      const done = await write(`/orders/${orderId}/${step}`, bodies[step] ?? {}, `${run}-${number}-${step}`);
      if (done === undefined) return;
    }
  };
  /** The body of the success; undefined when it was refused, or when time was up. */
  const write = async (path: string, body: object, key: string): Promise<unknown> => {
    for (;;) {
      const answer = await writeOnce(`${orderApi}${path}`, body, key);
      answers.push(answer);
      await sleep(pauseMs);
      if (isSuccess(answer)) return answer.body;
      if (!goesOn() || (answer.status >= 400 && answer.status < 500)) return undefined;
      await sleep(100);
    }
  };

  const running = Promise.all(Array.from({ length: writers }, writer));
  return {
    answers,
    stop: async () => {
      stopping = true;
      await running;
    },
  };
}

/** Every order has a cart like no other; every seventh has no address, so it gets no mail. */
function orderBody(run: string, number: number): object {
  const email = number % 7 === 6 ? {} : { email: `user-${number}@example.com` };
  return {
    userId: `user-${number % 10}`,
    items: [{ id: `item-${number % 3}`, name: `Item of ${run}-${number}`, quantity: 3, price: 8.5 }],
    currency: 'USD',
    ...email,
  };
}

async function writeOnce(url: string, body: object, key: string): Promise<WriteAnswer> {
  const request = `POST ${new URL(url).pathname}`;
  const startedAt = Date.now();
  const times = () => ({ startedAt, tookMs: Date.now() - startedAt });
  try {
    const answer = await send('POST', url, body, { 'idempotency-key': key });
    const { eventId } = (answer.body ?? {}) as { readonly eventId?: string };
    const retryAfter = answer.headers.get('retry-after');
    return { request, ...times(), status: answer.status, retryAfter, eventId, body: answer.body };
  } catch (error) {
    return { request, ...times(), status: 0, retryAfter: null, eventId: undefined, body: String(error) };
  }
}
