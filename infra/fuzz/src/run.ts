import fc from 'fast-check';
import { aftermath } from './aftermath.ts';
import { type Operation, readOperations } from './documents.ts';
import { Judge } from './judge.ts';
import { Memory } from './memory.ts';
import { type FuzzRequest, requestsTo } from './requests.ts';
import { type Answer, endSending, send } from './send.ts';

export interface FuzzPlan {
  readonly seed: number;
  readonly requests: number;
  /** Base URLs of the services by their names. */
  readonly urls: Readonly<Record<string, string>>;
  /** How long the workers may stand still before what they have to do counts as stuck, ms. */
  readonly patienceMs: number;
}

/** One answer that must not be, with all that is needed to ask again. */
export interface Fault {
  /** Place in the run, from 0. */
  readonly number: number;
  readonly request: FuzzRequest;
  readonly what: string;
  readonly answer: Answer | undefined;
}

export interface FuzzReport {
  readonly operations: number;
  /** Operations that have not once answered with a success. */
  readonly neverDone: readonly string[];
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly Fault[];
  /** What the workers could not handle of what was taken. */
  readonly parked: readonly string[];
}

/**
 * Sends seeded requests, one after the other, to every operation that the services document, spoils some of them in one
 * place, and holds the answers against the documents: no failure of the service, no answer outside its schema. In the
 * end every worker must have handled all that was taken.
 */
export async function fuzz({ seed, requests, urls, patienceMs }: FuzzPlan): Promise<FuzzReport> {
  const operations = (await readOperations(urls)).filter(isFair);
  const memory = new Memory();
  const judge = new Judge(operations);
  const next = operations.map((operation) => ({ operation, requests: requestsTo(operation, memory) }));
  // what writes comes more often than what reads it
  const drawn = next.flatMap((one) => Array<typeof one>(weightOf(one.operation)).fill(one));
  const done = new Set<Operation>();
  const statuses: Record<string, number> = {};
  const faults: Fault[] = [];
  for (let number = 0; number < requests; number += 1) {
    const [request] = fc.sample(
      fc.constantFrom(...drawn).chain(({ requests: ofOperation }) => ofOperation),
      { numRuns: 1, seed: seed + number },
    );
    if (request === undefined) throw new Error('nothing was drawn');
    const { answer, what } = await ask(judge, request);
    if (what !== undefined) faults.push({ number, request, what, answer });
    if (answer === undefined) continue;
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
    if (answer.status < 300 && request.method === request.operation.method) {
      done.add(request.operation);
      learn(memory, request.operation, answer);
    }
  }
  endSending();
  return {
    operations: operations.length,
    neverDone: operations.filter((one) => !done.has(one)).map(nameOf),
    statuses,
    faults,
    parked: await aftermath(urls, patienceMs),
  };
}

function nameOf({ service, method, path }: Operation): string {
  return `${service} ${method} ${path}`;
}

/** Resync is for groups that have stopped; by its means events may be passed over. */
function isFair({ path }: Operation): boolean {
  return path !== '/consumer/resync';
}

function weightOf({ method, path }: Operation): number {
  if (path === '/api/events' || path === '/api/commands') return method === 'POST' ? 12 : 2;
  if (path.startsWith('/orders/{')) return method === 'GET' ? 2 : 8;
  return path.startsWith('/health') || path === '/consumer' ? 1 : 2;
}

async function ask(
  judge: Judge,
  request: FuzzRequest,
): Promise<{ readonly answer: Answer | undefined; readonly what: string | undefined }> {
  try {
    const answer = await send(request);
    return { answer, what: judge.faultOf(request, answer) };
  } catch (error) {
    return {
      answer: undefined,
      what: `no answer: ${error instanceof Error ? error.message : String(error)}`,
    };
  }
}

function learn(memory: Memory, { path }: Operation, { body }: Answer): void {
  try {
    const json: unknown = JSON.parse(body);
    memory.learn(json);
    if (path === '/api/projections') memory.learn(idsIn(json), 'projectionId');
  } catch {
    // without a body, or metrics
  }
}

function idsIn(json: unknown): unknown {
  const { data } = json as { readonly data: unknown };
  return [data].flat().map((one) => (one as { readonly id: unknown }).id);
}
