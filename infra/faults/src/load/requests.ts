import { setTimeout as sleep } from 'node:timers/promises';

/** How a write ended for the client that asked for it. */
export type Outcome =
  | { readonly status: 'acknowledged'; readonly eventId: string; readonly version: number }
  | { readonly status: 'refused'; readonly code: number; readonly problem: string }
  /** No answer, or one that tells nothing, and no key to ask again with; or a queued command that never ended. */
  | { readonly status: 'unknown'; readonly queuedAs?: string };

export type ApiName = 'order-api' | 'event-api';

/** Of the instances of each API. */
export type ApiUrls = Readonly<Record<ApiName, readonly string[]>>;

/** One write that a client wanted, however often it had to ask. */
export interface WriteRequest {
  /** Stands in the event that the write leads to, and in no other. */
  readonly mark: string;
  readonly what: string;
  readonly keyed: boolean;
  /** What several requests compete for, of which one wins and the others are refused. */
  readonly contest: string | undefined;
  readonly orderId: string | undefined;
  attempts: number;
  outcome: Outcome;
}

export interface Write {
  /** Default order-api. */
  readonly api?: ApiName;
  /** The command is to be queued; it is asked after until it has ended. */
  readonly queued?: boolean;
  readonly path: string;
  readonly body: object;
  readonly mark: string;
  readonly what: string;
  readonly keyed: boolean;
  readonly contest?: string;
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
export function createClient(urls: ApiUrls, goOn: () => boolean): Client {
  const requests: WriteRequest[] = [];
  const flying = new Map<string, number>();
  let turn = 0;
  let disturbed = 0;

  async function ask(api: ApiName, path: string, init: RequestInit): Promise<Answer> {
    const of = urls[api];
    const url = of[turn++ % of.length] ?? '';
    flying.set(url, (flying.get(url) ?? 0) + 1);
    try {
      return await answerTo(`${url}${path}`, init);
    } finally {
      flying.set(url, (flying.get(url) ?? 0) - 1);
    }
  }

  /** What becomes of a queued command. */
  async function endOf({ body }: Answer): Promise<Outcome> {
    const { id } = (body['data'] as QueuedBody).command;
    while (goOn()) {
      const answer = await ask('event-api', `/api/commands/${id}/status`, {});
      const outcome = outcomeOfQueued(answer);
      if (outcome !== undefined) return outcome;
      await sleep(PAUSE_MS);
    }
    return { status: 'unknown', queuedAs: id };
  }

  async function write(asked: Write): ReturnType<Client['write']> {
    const { mark, what, keyed, contest, orderId } = asked;
    const unknown: Outcome = { status: 'unknown' };
    const request: WriteRequest = { mark, what, keyed, contest, orderId, attempts: 0, outcome: unknown };
    requests.push(request);
    do {
      request.attempts += 1;
      const answer = await ask(asked.api ?? 'order-api', asked.path, postOf(asked));
      if (answer.status >= 200 && answer.status < 500) {
        request.outcome = answer.status === 202 ? await endOf(answer) : outcomeOf(answer);
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

/** event-api wraps what order-api answers with at once. */
function outcomeOf({ status, body }: Answer): Outcome {
  if (status >= 300) return { status: 'refused', code: status, problem: JSON.stringify(body) };
  const { result } = (body['data'] ?? { result: body }) as { readonly result: Executed };
  return acknowledged(result);
}

/** Undefined: it has not ended, or nobody could say. */
function outcomeOfQueued({ status, body }: Answer): Outcome | undefined {
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
