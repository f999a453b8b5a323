import { setTimeout as sleep } from 'node:timers/promises';

/** How a write ended for the client that asked for it. */
export type Outcome =
  | { readonly status: 'acknowledged'; readonly eventId: string; readonly version: number }
  | { readonly status: 'refused'; readonly code: number; readonly problem: string }
  /** No answer, or one that tells nothing, and no key to ask again with. */
  | { readonly status: 'unknown' };

/** One write that a client wanted, however often it had to ask. */
export interface WriteRequest {
  /** Stands in the event that the write leads to, and in no other. */
  readonly mark: string;
  readonly what: string;
  readonly keyed: boolean;
  /** Another request competes with it for the same change, so it may be refused. */
  readonly contested: boolean;
  readonly orderId: string | undefined;
  attempts: number;
  outcome: Outcome;
}

export interface Write {
  readonly path: string;
  readonly body: object;
  readonly mark: string;
  readonly what: string;
  readonly keyed: boolean;
  readonly contested?: boolean;
  readonly orderId?: string;
}

/** Sends writes to any of several APIs, as a careful client does, and remembers what came of each. */
export interface Client {
  readonly requests: readonly WriteRequest[];
  /** Requests under way now, by the API's URL. */
  inFlight(url: string): number;
  /** Requests that were cut off or told to come again. */
  readonly disturbed: number;
  /** Resolves once the outcome is known or cannot become known. */
  write(
    write: Write,
  ): Promise<{ readonly outcome: Outcome; readonly body: Readonly<Record<string, unknown>> }>;
}

const TIMEOUT_MS = 5_000;
const PAUSE_MS = 150;

/** @param goOn false: nothing is asked again any more */
export function createClient(urls: readonly string[], goOn: () => boolean): Client {
  const requests: WriteRequest[] = [];
  const flying = new Map<string, number>();
  let turn = 0;
  let disturbed = 0;

  async function attempt(write: Write): Promise<Answer> {
    const url = urls[turn++ % urls.length] ?? '';
    flying.set(url, (flying.get(url) ?? 0) + 1);
    try {
      return await post(`${url}${write.path}`, write.body, write.keyed ? write.mark : undefined);
    } finally {
      flying.set(url, (flying.get(url) ?? 0) - 1);
    }
  }

  async function write(asked: Write): ReturnType<Client['write']> {
    const { mark, what, keyed, contested = false, orderId } = asked;
    const unknown: Outcome = { status: 'unknown' };
    const request: WriteRequest = { mark, what, keyed, contested, orderId, attempts: 0, outcome: unknown };
    requests.push(request);
    do {
      request.attempts += 1;
      const answer = await attempt(asked);
      if (answer.status >= 200 && answer.status < 500) {
        request.outcome = outcomeOf(answer);
        return { outcome: request.outcome, body: answer.body };
      }
      disturbed += 1;
      await sleep(PAUSE_MS);
    } while (keyed && goOn());
    return { outcome: unknown, body: {} };
  }

  return {
    requests,
    inFlight: (url) => flying.get(url) ?? 0,
    get disturbed() {
      return disturbed;
    },
    write,
  };
}

interface Answer {
  /** 0: none. */
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(url: string, body: object, key: string | undefined): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  } catch {
    return { status: 0, body: {} };
  }
}

function outcomeOf({ status, body }: Answer): Outcome {
  if (status >= 300) return { status: 'refused', code: status, problem: JSON.stringify(body) };
  return { status: 'acknowledged', eventId: String(body['eventId']), version: Number(body['version']) };
}
