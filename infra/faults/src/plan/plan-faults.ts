import type { Fault, PlannedFault, ServerName } from './faults.ts';
import { targetOf } from './faults.ts';
import { createRandom, type Random } from './random.ts';

export interface PlanOptions {
  readonly seed: number;
  readonly seconds: number;
  /** How long an instance keeps a partition without a sign of life, ms. */
  readonly leaseMs: number;
  /** Average time between two faults, ms. */
  readonly everyMs: number;
}

/** The instances of a run. */
export const instances = {
  apis: ['order-api-1', 'order-api-2', 'event-api-1', 'event-api-2'],
  workers: [
    'email-worker-1',
    'email-worker-2',
    'billing-worker-1',
    'billing-worker-2',
    'projection-service-1',
    'analytics-worker-1',
  ],
  /** Started and stopped by faults. */
  extra: ['projection-service-2', 'analytics-worker-2', 'email-worker-3'],
} as const;

/** No faults in the first moments, so that there is work to disturb, nor in the last, so that everything recovers. */
const CALM_MS = 2_000;
/** How long an instance needs to work again after the end of the fault. */
const RECOVERY_MS = 3_000;

type Card = (random: Random, options: PlanOptions) => Fault;

/** Kinds of fault in their relative frequency. The deck is shuffled, and dealt to the end before it is shuffled again. */
const deck: readonly Card[] = [
  killWorker,
  killWorker,
  killWorker,
  killWorker,
  killApi('order-api'),
  killApi('order-api'),
  killApi('event-api'),
  killApi('event-api'),
  stopLong,
  stopLong,
  stopShort,
  killServer('redis'),
  killServer('postgres'),
  cut('redis'),
  cut('redis'),
  cut('postgres'),
  cut('smtp'),
  dropReplies('redis'),
  dropReplies('redis'),
  dropReplies('postgres'),
  dropReplies('smtp'),
  stall('redis'),
  stall('postgres'),
  standStill,
  restart,
  scale,
  scale,
];

/** The schedule of a seed: the same faults at the same times, whatever the machine does. */
export function planFaults(options: PlanOptions): readonly PlannedFault[] {
  const random = createRandom(options.seed);
  const endMs = options.seconds * 1_000 - CALM_MS;
  const draw = dealer(random);
  const planned: PlannedFault[] = [];
  for (let atMs = CALM_MS; atMs < endMs; atMs += pauseBefore(random, options)) {
    const fault = startOrStop(draw()(random, options), planned);
    if (!isBusy(targetOf(fault), atMs, planned)) planned.push({ ...fault, atMs });
  }
  return planned;
}

function pauseBefore(random: Random, { everyMs }: PlanOptions): number {
  return Math.round(everyMs * (0.5 + random.next()));
}

/** Deals cards from a shuffled deck, which is shuffled again when it is used up. */
function dealer(random: Random): () => Card {
  let cards: Card[] = [];
  return () => {
    if (cards.length === 0) cards = [...random.shuffled(deck)];
    return cards.shift() ?? restart;
  };
}

/** An extra instance that runs is stopped instead of started. */
function startOrStop(fault: Fault, planned: readonly PlannedFault[]): Fault {
  if (fault.kind !== 'scale-up') return fault;
  const last = planned.findLast((earlier) => targetOf(earlier) === fault.target);
  return last?.kind === 'scale-up' ? { kind: 'scale-down', target: fault.target } : fault;
}

/** Whether the target still recovers from its last fault: overlapping faults would not be repeatable. */
function isBusy(target: string, atMs: number, planned: readonly PlannedFault[]): boolean {
  const last = planned.findLast((earlier) => targetOf(earlier) === target);
  return last !== undefined && last.atMs + durationOf(last) + RECOVERY_MS > atMs;
}

/** How long a fault lasts by itself. */
export function durationOf(fault: Fault): number {
  return 'forMs' in fault ? fault.forMs : 0;
}

function killWorker(random: Random): Fault {
  return { kind: 'kill', target: random.pick(instances.workers), forMs: random.between(100, 2_000) };
}

function killApi(service: 'order-api' | 'event-api'): Card {
  return (random) => ({
    kind: 'kill',
    target: `${service}-${random.between(1, 2)}`,
    forMs: random.between(100, 1_500),
  });
}

function stopLong(random: Random, { leaseMs }: PlanOptions): Fault {
  const forMs = leaseMs + random.between(500, leaseMs);
  // APIs are workers too: they execute commands.
  return { kind: 'stop', target: random.pick([...instances.apis, ...instances.workers]), forMs };
}

function stopShort(random: Random, { leaseMs }: PlanOptions): Fault {
  const target = random.pick([...instances.apis, ...instances.workers]);
  return { kind: 'stop', target, forMs: random.between(100, leaseMs / 2) };
}

function killServer(server: 'redis' | 'postgres'): Card {
  return (random) => ({ kind: 'kill-server', server, forMs: random.between(50, 1_500) });
}

function cut(server: ServerName): Card {
  return (random) => ({ kind: 'cut', target: userOf(server, random), server });
}

function dropReplies(server: ServerName): Card {
  return (random) => ({
    kind: 'drop-replies',
    target: userOf(server, random),
    server,
    times: random.between(1, 3),
  });
}

function stall(server: ServerName): Card {
  return (random, { leaseMs }) => {
    const forMs = random.between(300, leaseMs * 1.5);
    return { kind: 'stall', target: userOf(server, random), server, forMs };
  };
}

/** Shorter or longer than a lease. */
function standStill(random: Random, { leaseMs }: PlanOptions): Fault {
  return { kind: 'stand-still', forMs: random.between(leaseMs / 2, leaseMs * 2) };
}

function restart(random: Random): Fault {
  return { kind: 'restart', target: random.pick([...instances.apis, ...instances.workers]) };
}

function scale(random: Random): Fault {
  return { kind: 'scale-up', target: random.pick(instances.extra) };
}

/** An instance that has connections to this server. */
function userOf(server: ServerName, random: Random): string {
  switch (server) {
    case 'redis':
      return random.pick([...instances.apis, ...instances.workers]);
    case 'postgres':
      return random.pick(instances.workers);
    case 'smtp':
      return random.pick(['email-worker-1', 'email-worker-2']);
  }
}
