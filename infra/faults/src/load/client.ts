import { setTimeout as sleep } from 'node:timers/promises';

/** How a write ended for the client that sent it. */
export type Outcome =
  | { readonly status: 'acknowledged'; readonly eventId: string; readonly version: number }
  | { readonly status: 'refused'; readonly code: number; readonly problem: string }
  /** No answer, or one that says nothing, and no key to repeat it with; or a queued command that never ended. */
  | { readonly status: 'unknown'; readonly queuedAs?: string };

export type ApiName = 'order-api' | 'event-api';

/** Of the instances of each API. */
export type ApiUrls = Readonly<Record<ApiName, readonly string[]>>;

/** One write that a client wanted, however often it was sent. */
export interface WriteRequest {
  /** Text that is in the event of this write, and in no other event. */
  readonly mark: string;
  readonly what: string;
  readonly keyed: boolean;
  /** What several requests compete for: one wins, the others are refused. */
  readonly contest: string | undefined;
  readonly orderId: string | undefined;
  attempts: number;
  outcome: Outcome;
}

export interface Write {
  /** Default order-api. */
  readonly api?: ApiName;
  /** Whether the command is queued; its status is then polled until it has ended. */
  readonly queued?: boolean;
  readonly path: string;
  readonly body: object;
  readonly mark: string;
  readonly what: string;
  readonly keyed: boolean;
  readonly contest?: string;
  readonly orderId?: string;
}

const TIMEOUT_MS = 5_000;
const PAUSE_MS = 150;

/** Sends writes to any instance of an API, repeats them as a careful client does, and records the outcome of each. */
export class Client {
  readonly #urls: ApiUrls;
  readonly #mayRepeat: () => boolean;
  readonly #requests: WriteRequest[] = [];
  readonly #inFlight = new Map<string, number>();
  #sent = 0;
  #disturbed = 0;

  /** @param mayRepeat false: time is up, and no request is repeated any more */
  constructor(urls: ApiUrls, mayRepeat: () => boolean) {
    this.#urls = urls;
    this.#mayRepeat = mayRepeat;
  }

  get requests(): readonly WriteRequest[] {
    return this.#requests;
  }

  /** Answers that were lost or told the client to come again. */
  get disturbed(): number {
    return this.#disturbed;
  }

  /** Requests that wait for an answer from the API with this URL. */
  inFlight(url: string): number {
    return this.#inFlight.get(url) ?? 0;
  }

  /** Resolves once the outcome is known or cannot become known. */
  async write(
    asked: Write,
  ): Promise<{ readonly outcome: Outcome; readonly body: Readonly<Record<string, unknown>> }> {
    const { mark, what, keyed, contest, orderId } = asked;
    const unknown: Outcome = { status: 'unknown' };
    const request: WriteRequest = { mark, what, keyed, contest, orderId, attempts: 0, outcome: unknown };
    this.#requests.push(request);
    do {
      request.attempts += 1;
      const answer = await this.#send(asked.api ?? 'order-api', asked.path, postOf(asked));
      if (answer.status >= 200 && answer.status < 500) {
        request.outcome = answer.status === 202 ? await this.#outcomeOfQueued(answer) : outcomeOf(answer);
        return { outcome: request.outcome, body: answer.body };
      }
      this.#disturbed += 1;
      await sleep(PAUSE_MS);
    } while (keyed && this.#mayRepeat());
    return { outcome: unknown, body: {} };
  }

  async #send(api: ApiName, path: string, init: RequestInit): Promise<Answer> {
    const urls = this.#urls[api];
    const url = urls[this.#sent++ % urls.length] ?? '';
    this.#inFlight.set(url, this.inFlight(url) + 1);
    try {
      return await answerTo(`${url}${path}`, init);
    } finally {
      this.#inFlight.set(url, this.inFlight(url) - 1);
    }
  }

  async #outcomeOfQueued({ body }: Answer): Promise<Outcome> {
    const { id } = (body['data'] as QueuedBody).command;
    while (this.#mayRepeat()) {
      const outcome = endOf(await this.#send('event-api', `/api/commands/${id}/status`, {}));
      if (outcome !== undefined) return outcome;
      await sleep(PAUSE_MS);
    }
    return { status: 'unknown', queuedAs: id };
  }
}

interface Answer {
  /** 0: none. */
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

function postOf({ body, keyed, queued = false, mark }: Write): RequestInit {
  return {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(keyed ? { 'idempotency-key': mark } : {}),
      ...(queued ? { prefer: 'respond-async' } : {}),
    },
    body: JSON.stringify(body),
  };
}

async function answerTo(url: string, init: RequestInit): Promise<Answer> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  } catch {
    return { status: 0, body: {} };
  }
}

interface QueuedBody {
  readonly command: { readonly id: string };
}

interface Executed {
  readonly eventId: string;
  readonly version: number;
}

/** event-api answers with `{ data: { result } }`, order-api with the result. */
function outcomeOf({ status, body }: Answer): Outcome {
  if (status >= 300) return { status: 'refused', code: status, problem: JSON.stringify(body) };
  const { result } = (body['data'] ?? { result: body }) as { readonly result: Executed };
  return acknowledged(result);
}

/** How a queued command ended; undefined if it has not, or if the answer does not say. */
function endOf({ status, body }: Answer): Outcome | undefined {
  if (status === 404) return { status: 'refused', code: 404, problem: 'a queued command is not known' };
  if (status !== 200) return undefined;
  const command = body['data'] as {
    readonly status: string;
    readonly result?: unknown;
    readonly error?: { readonly code: string };
  };
  if (command.status === 'completed') return acknowledged(command.result as Executed);
  if (command.status !== 'failed') return undefined;
  // what the status table has as 409, of the errors that these commands can meet
  const code = command.error?.code === 'INSUFFICIENT_FUNDS' ? 409 : 500;
  return { status: 'refused', code, problem: JSON.stringify(command.error) };
}

function acknowledged({ eventId, version }: Executed): Outcome {
  return { status: 'acknowledged', eventId: String(eventId), version: Number(version) };
}
