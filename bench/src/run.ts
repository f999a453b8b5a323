import { Redis } from 'ioredis';
import type { Bench, Scenario } from './harness/bench.ts';
import { machineOf } from './harness/machine.ts';
import type { Results } from './harness/results.ts';
import { type Servers, startServers } from './harness/servers.ts';

export interface RunOptions {
  readonly scenarios: readonly Scenario[];
  readonly quick: boolean;
  readonly say: (text: string) => void;
  /** Ends the run early: servers are stopped, and it rejects. */
  readonly signal: AbortSignal;
  /** Called with each result as soon as it is known. */
  readonly onResult: (result: Results['scenarios'][number]) => void;
}

/** Runs scenarios one after the other on servers that are started for them, Redis emptied before each. */
export async function runScenarios({
  scenarios,
  quick,
  say,
  signal,
  onResult,
}: RunOptions): Promise<Results> {
  const startedAt = new Date();
  const servers = await startServers(say);
  try {
    const machine = await machineOf(servers);
    const results: Results['scenarios'][number][] = [];
    for (const scenario of scenarios) {
      const result = await Promise.race([runOne(scenario, servers, { quick, say }), aborted(signal)]);
      onResult(result);
      results.push(result);
    }
    const minutes = (Date.now() - startedAt.getTime()) / 60_000;
    return { startedAt: startedAt.toISOString(), minutes, machine, scenarios: results };
  } finally {
    await servers.stop();
  }
}

async function runOne(
  { name, title, run }: Scenario,
  { redis, postgres }: Servers,
  { quick, say }: Pick<Bench, 'quick' | 'say'>,
): Promise<Results['scenarios'][number]> {
  say(`\n${name}: ${title}`);
  await empty(redis.url);
  const result = await run({ redis, postgres, quick, say: (text) => say(`  ${text}`) });
  return { name: title, ...result };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

async function empty(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    await redis.flushall();
    // Otherwise the append-only file would keep the deleted data, and be rewritten during a measurement.
    await notRewriting(redis);
    // A rewrite that Redis has begun by itself meanwhile is as good.
    await redis.bgrewriteaof().catch((error: Error) => {
      if (!error.message.includes('already in progress')) throw error;
    });
    await notRewriting(redis);
  } finally {
    redis.disconnect();
  }
}

async function notRewriting(redis: Redis): Promise<void> {
  while (/aof_rewrite_(in_progress|scheduled):1/.test(await redis.info('persistence')))
    await new Promise((resolve) => setTimeout(resolve, 50));
}
