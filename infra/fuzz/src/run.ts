import fc from 'fast-check';
import { AnswerChecker } from './answer-checker.ts';
import { KnownValues } from './known-values.ts';
import { type Operation, readOperations } from './openapi-operations.ts';
import { type FuzzRequest, requestsTo } from './requests.ts';
import { type Answer, endSending, send } from './send.ts';
import { unhandledEvents } from './unhandled-events.ts';

export interface FuzzPlan {
  readonly seed: number;
  readonly requests: number;
  /** Base URLs of the services by name. */
  readonly urls: Readonly<Record<string, string>>;
  /** How long the workers may make no progress before their open work counts as stuck, ms. */
  readonly patienceMs: number;
}

/** A wrong answer, with the request that leads to it. */
export interface Fault {
  /** Number of the request in the run, from 0. */
  readonly number: number;
  readonly request: FuzzRequest;
  readonly what: string;
  readonly answer: Answer | undefined;
}

export interface FuzzReport {
  readonly operations: number;
  /** Operations that have never answered with a success. */
  readonly neverDone: readonly string[];
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  /** Accepted events that the workers could not handle. */
  readonly parked: readonly string[];
}

/**
 * Sends seeded requests, one after the other, to every documented operation, some of them spoiled in one place, and checks
 * the answers against the documents: no failure of the service, no answer outside its schema. At the end, every worker
 * must have handled all accepted events.
 */
export async function fuzz({ seed, requests, urls, patienceMs }: FuzzPlan): Promise<FuzzReport> {
  const operations = (await readOperations(urls)).filter(isTested);
  const known = new KnownValues();
  const checker = new AnswerChecker(operations);
  const next = operations.map((operation) => ({ operation, requests: requestsTo(operation, known) }));
  // Writes are more frequent than reads.
  const drawn = next.flatMap((entry) => Array<typeof entry>(weightOf(entry.operation)).fill(entry));
  const done = new Set<Operation>();
  const statuses: Record<string, number> = {};
  const faults: Fault[] = [];
  for (let number = 0; number < requests; number += 1) {
    const [request] = fc.sample(
      fc.constantFrom(...drawn).chain(({ requests: ofOperation }) => ofOperation),
      { numRuns: 1, seed: seed + number },
    );
    if (request === undefined) throw new Error('nothing was drawn');
    const { answer, what } = await ask(checker, request);
    if (what !== undefined) faults.push({ number, request, what, answer });
    if (answer === undefined) continue;
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    if (answer.status < 300 && request.method === request.operation.method) {
      done.add(request.operation);
      learn(known, request.operation, answer);
    }
  }
  endSending();
  return {
    operations: operations.length,
    neverDone: operations.filter((operation) => !done.has(operation)).map(nameOf),
    statuses,
    faults,
    parked: await unhandledEvents(urls, patienceMs),
  };
}

function nameOf({ service, method, path }: Operation): string {
  return `${service} ${method} ${path}`;
}

/** Not resync, which is for groups that have stopped and may skip events. */
function isTested({ path }: Operation): boolean {
  return path !== '/consumer/resync';
}

function weightOf({ method, path }: Operation): number {
  if (path === '/api/events' || path === '/api/commands') return method === 'POST' ? 12 : 2;
  if (path.startsWith('/orders/{')) return method === 'GET' ? 2 : 8;
  return path.startsWith('/health') || path === '/consumer' ? 1 : 2;
}

async function ask(
  checker: AnswerChecker,
  request: FuzzRequest,
): Promise<{ readonly answer: Answer | undefined; readonly what: string | undefined }> {
  try {
    const answer = await send(request);
    return { answer, what: checker.faultOf(request, answer) };
  } catch (error) {
    return {
      answer: undefined,
      what: `no answer: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function learn(known: KnownValues, { path }: Operation, { body }: Answer): void {
  try {
    const json: unknown = JSON.parse(body);
    known.learn(json);
    if (path === '/api/projections') known.learn(idsIn(json), 'projectionId');
  } catch {
    // An answer without a body, or metrics.
  }
}

function idsIn(json: unknown): unknown {
  const { data } = json as { readonly data: unknown };
  return [data].flat().map((item) => (item as { readonly id: unknown }).id);
}
