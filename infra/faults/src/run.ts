import { writeFile } from 'node:fs/promises';
import { type Stall, type StallWatchProcess, startStallWatch } from '@headrace/test-kit';
import { checkAll } from './checks/check-all.ts';
import { waitUntilCaughtUp } from './evidence/caught-up.ts';
import { collectEvidence, type Pages } from './evidence/collect.ts';
import type { Evidence } from './evidence/evidence.ts';
import { type Injected, injectAll, restartFailed } from './inject/inject.ts';
import type { ApiName } from './load/client.ts';
import { startLoad } from './load/load.ts';
import { DEFAULT_PARTITIONS } from './options.ts';
import { describeFault, type PlannedFault, seconds } from './plan/faults.ts';
import { planFaults } from './plan/plan-faults.ts';
import { declareProjections } from './world/declared.ts';
import { type Inspector, openInspector } from './world/inspector.ts';
import { World } from './world/world.ts';

export interface RunOptions {
  readonly seed: number;
  /** How long new orders are begun. */
  readonly seconds: number;
  /** Of the log. Default 8. */
  readonly partitions?: number;
  /** New orders a second. Default 10. */
  readonly rate?: number;
  /** Called with a line for everything that happens. */
  readonly say?: (text: string) => void;
}

export interface RunResult {
  readonly plan: readonly PlannedFault[];
  readonly injected: readonly Injected[];
  /** When the machine stood still by itself. */
  readonly stalls: readonly Stall[];
  /** Faults that interrupted requests, events or replies. */
  readonly hits: number;
  readonly events: number;
  readonly requests: number;
  /** Answers that were lost or told the client to come again. */
  readonly disturbed: number;
  readonly mails: { readonly sent: number; readonly copies: number };
  /** Violations by the name of the promise; every promise is there. */
  readonly checks: Readonly<Record<string, readonly string[]>>;
  /** All violations, crashes and failed faults. Empty: the run has passed. */
  readonly violations: readonly string[];
  /** The folder with logs and evidence, if there are violations. */
  readonly kept: string | undefined;
}

const LEASE_MS = 3_000;
const FAULT_EVERY_MS = 1_400;
const CATCH_UP_MS = 60_000;

/** The faults of a seed. */
export function planOf(seed: number, seconds: number): readonly PlannedFault[] {
  return planFaults({ seed, seconds, leaseMs: LEASE_MS, everyMs: FAULT_EVERY_MS });
}

/** Runs the whole system under load and faults, then checks it. */
export async function runFaults(options: RunOptions): Promise<RunResult> {
  const { seed, seconds, partitions = DEFAULT_PARTITIONS, rate = 10, say = () => undefined } = options;
  const plan = planOf(seed, seconds);
  const world = await World.start({ leaseMs: LEASE_MS, partitions });
  let keep = true;
  let inspector: Inspector | undefined;
  let watch: StallWatchProcess | undefined;
  try {
    watch = await startStallWatch();
    const { redis: redisUrl, postgres: databaseUrl } = world.serverUrls;
    inspector = await openInspector({ redisUrl, databaseUrl, partitions });
    await declareProjections(world.instance('projection-service-1').url);
    const urlsOf = (api: ApiName): readonly string[] =>
      world.running().flatMap(({ service, url }) => (service === api ? [url] : []));
    const urls = { 'order-api': urlsOf('order-api'), 'event-api': urlsOf('event-api') };
    const load = startLoad({ urls, seed, seconds, rate });
    const { client } = load;
    const startedAt = Date.now();
    const onInjected = (fault: Injected): void => say(describeInjected(fault, startedAt));
    const injected = await injectAll({ world, inspector, client, watch, onInjected }, plan);
    await restartFailed({ world });
    await load.finished;
    say('Load and faults are over; waiting until all groups have caught up.');
    const open = await waitUntilCaughtUp(inspector, CATCH_UP_MS);
    const evidence = await collectEvidence(pagesOf(world), inspector, {
      requests: client.requests,
      injected,
      stalls: await watch.stalls(),
    });
    const result = judge({ plan, evidence, open, world, disturbed: client.disturbed });
    keep = result.violations.length > 0;
    if (keep) await writeFile(`${world.dir}/evidence.json`, JSON.stringify({ ...evidence, open }, null, 1));
    return result;
  } finally {
    await watch?.close();
    await inspector?.close();
    await world.close({ keep });
  }
}

function pagesOf(world: World): Pages {
  return {
    analytics: world.instance('analytics-worker-1').url,
    billing: world.instance('billing-worker-1').url,
    inbox: world.servers.mail.webUrl ?? '',
  };
}

interface Findings {
  readonly plan: readonly PlannedFault[];
  readonly evidence: Evidence;
  /** Work that was not done in time. */
  readonly open: readonly string[];
  readonly world: World;
  readonly disturbed: number;
}

function judge({ plan, evidence, open, world, disturbed }: Findings): RunResult {
  const { injected, stalls, requests, inbox, log } = evidence;
  const checks = { 'every group caught up': open, ...checkAll(evidence, LEASE_MS) };
  const hits = injected.filter((fault) => fault.hits > 0).length;
  const violations = [
    ...Object.entries(checks).flatMap(([promise, broken]) =>
      broken.map((violation) => `${promise}: ${violation}`),
    ),
    ...world.crashes.map((crash) => `crash: ${crash}`),
    ...injected.flatMap(({ fault, failure }) =>
      failure === undefined ? [] : [`the fault "${describeFault(fault)}" failed: ${failure}`],
    ),
    ...(hits === 0 ? ['no fault hit anything under way: the run proves nothing'] : []),
  ];
  const sent = new Set(inbox.map(({ messageId }) => messageId)).size;
  return {
    plan,
    injected,
    stalls,
    hits,
    events: log.flat().length,
    requests: requests.length,
    disturbed,
    mails: { sent, copies: inbox.length - sent },
    checks,
    violations,
    kept: violations.length > 0 ? world.dir : undefined,
  };
}

function describeInjected({ fault, from, until, hits, failure }: Injected, startedAt: number): string {
  const times = `${seconds(from - startedAt)}–${seconds(until - startedAt)} s`;
  const effect = failure ?? (hits > 0 ? `hit ${hits} under way` : 'hit nothing');
  return `  planned ${seconds(fault.atMs)} s, was ${times}: ${describeFault(fault)}: ${effect}`;
}
