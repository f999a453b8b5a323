import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import {
  checkAll,
  collectEvidence,
  declareProjections,
  type Injected,
  type Inspector,
  type Load,
  openInspector,
  startLoad,
  waitUntilCaughtUp,
} from '@headrace/faults';
import { projectDir } from '@headrace/local';
import { type StallWatchProcess, startStallWatch } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../test/support/eventually.ts';
import { getJson, send } from '../test/support/http.ts';
import { runTour, type TourOutput } from '../test/support/readme.ts';
import { type ComposeProject, composeProject, run } from './project.ts';
import { createShop, type Shop } from './shop.ts';

const services = [
  'order-api',
  'event-api',
  'projection-service',
  'email-worker',
  'analytics-worker',
  'billing-worker',
];
const everything = [...services, 'gateway', 'mail'];
const PARTITIONS = 8;
const LEASE_MS = 10_000;
/** From a write to its answer from a read model. A consumer that is not woken looks every two seconds. */
const OWN_WRITE_MS = 1_500;

/** Every query of the dashboard. */
function dashboardQueries(): readonly string[] {
  const text = readFileSync(`${projectDir}/infra/grafana/dashboards/headrace.json`, 'utf8');
  const { panels } = JSON.parse(text) as { panels: readonly { targets: readonly { expr: string }[] }[] };
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
}

function metricsIn(query: string): readonly string[] {
  return query.match(/\b(?:headrace|nodejs|process)_[a-z0-9_]+|\bup\b/g) ?? [];
}

describe('the system in containers', () => {
  let project: ComposeProject;
  let inspector: Inspector;
  let shop: Shop;
  let tour: TourOutput;
  const loads: Load[] = [];
  const injected: Injected[] = [];
  let watch: StallWatchProcess;

  beforeAll(async () => {
    watch = await startStallWatch();
    project = await composeProject('headrace-test');
    shop = createShop(project.urls);
    await project.compose('down', '--volumes', '--remove-orphans');
    await project.compose('up', '--detach', '--build', '--wait', ...everything);
    const { redisUrl, databaseUrl } = project;
    inspector = await openInspector({ redisUrl, databaseUrl, partitions: PARTITIONS });
    await declareProjections(url('projection-service'));
  });

  afterAll(async () => {
    await watch?.close();
    await inspector?.close();
    await project?.compose('down', '--volumes', '--remove-orphans');
  });

  const url = (service: string): string => project.urls[service] ?? '';

  it('is healthy in one go, from nothing', async () => {
    const containers = await project.containers();
    const health = Object.fromEntries(containers.map((one) => [one.service, one.health]));
    for (const service of [...services, 'gateway', 'redis', 'postgres'])
      expect(health[service]).toBe('healthy');
  });

  it('runs nothing as root, and no service can write to its root file system', async () => {
    for (const { id, name, service, isReadOnly } of await project.containers()) {
      const users = (await run('docker', ['top', id, '-eo', 'user,pid,args'])).split('\n').slice(1);
      expect([name, users.filter((line) => line.startsWith('root '))]).toEqual([name, []]);
      if (!services.includes(service) && service !== 'gateway') continue;
      expect([name, isReadOnly]).toEqual([name, true]);
      await expect(run('docker', ['exec', id, 'sh', '-c', 'touch /app/x || touch /x'])).rejects.toThrow(
        /Read-only/,
      );
    }
  });

  it('keeps each service to its own schema', async () => {
    const [grants] = await inspector.rows<{ n: number }>(
      `select count(*) as n from unnest(array['projections', 'email', 'analytics', 'billing']) as service,
         unnest(array['projections', 'email', 'analytics', 'billing', 'public']) as schema
       where schema <> service and has_schema_privilege(service, schema, 'usage')`,
    );
    expect(grants?.n).toBe(0);
    const [databases] = await inspector.rows<{ n: number }>(
      `select count(*) as n from unnest(array['projections', 'email', 'analytics', 'billing']) as service, pg_database
       where datallowconn and has_database_privilege(service, oid, 'connect') <> (datname = 'headrace')`,
    );
    expect(databases?.n).toBe(0);
  });

  it('passes the tour of the README through the gateway', async () => {
    tour = await runTour(project.urls);
    expect(await getJson(`${url('order-api')}/orders/${tour.orderId}`)).toMatchObject({
      status: 'delivered',
      version: 4,
    });
    await eventually('four mails', async () => {
      const { emails } = await getJson<{ emails: readonly { status: string }[] }>(
        `${url('email-worker')}/emails?orderId=${tour.orderId}`,
      );
      expect(emails.map(({ status }) => status)).toEqual(['sent', 'sent', 'sent', 'sent']);
    });
  });

  it('answers with a problem what the gateway lets no service see', async () => {
    const tooLarge = await send('POST', `${url('order-api')}/orders`, { userId: 'x'.repeat(5_000_000) });
    expect([tooLarge.status, tooLarge.headers.get('content-type')]).toEqual([
      413,
      'application/problem+json',
    ]);
    expect(tooLarge.body).toMatchObject({ type: '/problems/body-too-large', status: 413 });
  });

  it('shows a write to whoever waits for it at once, time after time', async () => {
    const took: number[] = [];
    for (let number = 0; number < 3; number += 1)
      took.push(...(await shop.completeAndSee(await shop.order())));
    expect(took.filter((ms) => ms > OWN_WRITE_MS)).toEqual([]);
  });

  it('scales a worker to three, which share the partitions, and an API to two', async () => {
    putUnderLoad(40);
    await scale({ 'email-worker': 3, 'order-api': 2 });
    await eventually('a fair share for each of three', async () => {
      expect((await sharesOf('email')).toSorted()).toEqual([2, 3, 3]);
    });
  });

  it('replaces a container that is killed under load', async () => {
    const [victim] = await project.containers('email-worker');
    if (victim === undefined) throw new Error('there is no email-worker');
    const from = Date.now();
    // by the engine it would count as stopped by hand, and stay down
    process.kill(victim.pid, 'SIGKILL');
    await eventually(
      'a new start, and its share',
      async () => {
        const again = (await project.containers('email-worker')).find(({ id }) => id === victim.id);
        expect(again?.restarts).toBe(1);
        expect(again?.health).toBe('healthy');
        expect((await sharesOf('email')).toSorted()).toEqual([2, 3, 3]);
      },
      60_000,
    );
    const fault = { kind: 'kill', target: 'email-worker', forMs: 0, atMs: 0 } as const;
    injected.push({ fault, from, until: Date.now(), hits: 1 });
  });

  it('scales down in order', async () => {
    await scale({ 'email-worker': 1, 'order-api': 1 });
    await eventually('all partitions with the one that is left', async () => {
      expect(await sharesOf('email')).toEqual([PARTITIONS]);
    });
  });

  it('goes on by itself after Redis and PostgreSQL were restarted', async () => {
    putUnderLoad(15);
    for (const server of ['redis', 'postgres']) {
      await project.compose('restart', server);
      await eventually(
        `everything ready after the restart of ${server}`,
        async () => {
          for (const service of services) await getJson(`${url(service)}/health/ready`);
        },
        60_000,
      );
    }
  });

  it('has lost nothing and done nothing twice: all effects equal the log', async () => {
    await Promise.all(loads.map(({ finished }) => finished));
    const requests = loads.flatMap(({ client }) => client.requests);
    expect(requests.filter(({ outcome }) => outcome.status === 'acknowledged').length).toBeGreaterThan(500);
    expect(await waitUntilCaughtUp(inspector, 60_000)).toEqual([]);
    const pages = {
      analytics: url('analytics-worker'),
      billing: url('billing-worker'),
      inbox: project.inbox,
    };
    const evidence = await collectEvidence(pages, inspector, {
      requests,
      injected,
      stalls: await watch.stalls(),
    });
    const broken = Object.entries(checkAll(evidence, LEASE_MS)).filter(
      ([, violations]) => violations.length > 0,
    );
    expect(broken).toEqual([]);
  });

  it('is seen by Prometheus, whose rules and dashboard ask for nothing that is not there', async () => {
    await project.compose('up', '--detach', '--no-deps', 'prometheus');
    const prometheus = <T>(path: string): Promise<{ data: T }> =>
      getJson(`${project.prometheus}/api/v1/${path}`);
    await eventually(
      'every service scraped',
      async () => {
        const { data } = await prometheus<{
          activeTargets: readonly { health: string; labels: { job: string } }[];
        }>('targets');
        const up = data.activeTargets.filter(({ health }) => health === 'up').map(({ labels }) => labels.job);
        expect(up.toSorted()).toEqual(services.toSorted());
      },
      60_000,
    );
    const names = new Set((await prometheus<readonly string[]>('label/__name__/values')).data);
    const { data: rules } = await prometheus<{ groups: readonly { rules: readonly { query: string }[] }[] }>(
      'rules',
    );
    const asked = [
      ...rules.groups.flatMap((group) => group.rules.map(({ query }) => query)),
      ...dashboardQueries(),
    ];
    expect(asked.length).toBeGreaterThan(30);
    const missing = asked.flatMap(metricsIn).filter((name) => !names.has(name));
    expect(missing).toEqual([]);
    const tested = [
      '--entrypoint',
      'promtool',
      'prometheus',
      'test',
      'rules',
      '/etc/prometheus/rules.test.yaml',
    ];
    expect(await project.compose('run', '--rm', '--no-deps', ...tested)).toContain('SUCCESS');
  });

  it('still has everything after down and up', async () => {
    const before = await shop.allOf(tour.orderId);
    const length = await logLength();
    await reopened(async () => {
      await project.compose('down');
      await project.compose('up', '--detach', '--wait', ...everything);
    });
    expect(await logLength()).toBe(length);
    expect(await shop.allOf(tour.orderId)).toEqual(before);
  });

  it('comes back from a backup taken under load, whatever was made after it, and when everything is gone', async () => {
    const before = await shop.allOf(tour.orderId);
    const lengthBefore = await logLength();
    const dir = await mkdtemp(`${tmpdir()}/headrace-backup-`);
    try {
      const load = startLoad({ urls: apis(), seed: 5, seconds: 6, rate: 6 });
      // while Redis rewrites its append-only file, which is what a backup has to notice
      const rewrites = project.asRedisAdmin(
        'for i in {1..10}; do redis-cli -e bgrewriteaof; sleep 0.3; done',
      );
      await project.script('backup.sh', [`${dir}/backup`]);
      await rewrites;
      expect(await project.asRedisAdmin('redis-cli -e config get auto-aof-rewrite-percentage')).toMatch(
        /\b100$/m,
      );
      await load.finished;
      const later = await shop.order();
      // a table that the backup knows nothing of
      await shop.declareProjection('later');
      const lengthAfter = await logLength();
      for (const isAllGone of [false, true]) {
        await reopened(async () => {
          if (isAllGone) await project.compose('down', '--volumes');
          await project.script('restore.sh', [`${dir}/backup`]);
        });
        expect(await logLength()).toBeGreaterThanOrEqual(lengthBefore);
        expect(await logLength()).toBeLessThan(lengthAfter);
        expect(await shop.allOf(tour.orderId)).toEqual(before);
        expect((await send('GET', `${url('order-api')}/orders/${later}`)).status).toBe(404);
        expect((await send('GET', `${url('projection-service')}/api/projections/later`)).status).toBe(404);
        // no group finds that the log is not what it has handled
        expect(await waitUntilCaughtUp(inspector, 60_000)).toEqual([]);
        await shop.order();
      }
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  it('leaves nothing behind of a backup that fails', async () => {
    const dir = await mkdtemp(`${tmpdir()}/headrace-backup-`);
    try {
      await project.compose('pause', 'redis');
      const failed = project.script('backup.sh', [`${dir}/backup`]);
      await expect(failed).rejects.toThrow('The log could not be copied.');
      expect(await readdir(dir)).toEqual([]);
    } finally {
      await project.compose('unpause', 'redis');
      await rm(dir, { recursive: true });
    }
  });

  async function reopened(meanwhile: () => Promise<void>): Promise<void> {
    await inspector.close();
    await meanwhile();
    const { redisUrl, databaseUrl } = project;
    inspector = await openInspector({ redisUrl, databaseUrl, partitions: PARTITIONS });
  }

  function apis(): Parameters<typeof startLoad>[0]['urls'] {
    return { 'order-api': [url('order-api')], 'event-api': [url('event-api')] };
  }

  function putUnderLoad(seconds: number): void {
    loads.push(startLoad({ urls: apis(), seed: 11 + loads.length, seconds, rate: 6 }));
  }

  async function scale(counts: Readonly<Record<string, number>>): Promise<void> {
    const args = Object.entries(counts).flatMap(([service, count]) => ['--scale', `${service}=${count}`]);
    await project.compose('up', '--detach', '--wait', '--no-recreate', ...args, ...services);
  }

  /** How many partitions each member of a group holds. */
  async function sharesOf(group: string): Promise<readonly number[]> {
    const { store } = inspector;
    const owners = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, partition) =>
        store.redis.hmget(store.keys.group(partition, group, 'lease'), 'owner', 'until'),
      ),
    );
    const live = owners.filter(([, until]) => Number(until) > Date.now()).map(([owner]) => owner);
    return [...Map.groupBy(live, (owner) => owner).values()].map((held) => held.length);
  }

  async function logLength(): Promise<number> {
    const { store } = inspector;
    const lengths = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, partition) => store.redis.xlen(store.keys.log(partition))),
    );
    return lengths.reduce((sum, length) => sum + length, 0);
  }
});
