import { comparePositions, createRegistry } from '@headrace/event-schema';
import { openEventStore } from '@headrace/event-store';
import { usePostgres, useRedis } from '@headrace/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedOrder } from './generated-orders.ts';
import { holdCheckpoint } from './held-checkpoint.ts';
import { appendOrder, caughtUp, type RunningService, runProjectionService } from './running-service.ts';

const redis = useRedis();
const postgres = usePostgres();
let service: RunningService;

interface AuditPage {
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly nextCursor: string | null;
  readonly resumeCursor: string;
}

beforeAll(async () => {
  const { url: postgresUrl, schema } = postgres;
  service = await runProjectionService({ redisUrl: redis.url, prefix: redis.prefix, postgresUrl, schema });
  for (let seed = 0; seed < 30; seed += 1) await appendOrder(service.store, generatedOrder(seed));
  await caughtUp(service);
});
afterAll(() => service.stop());

/** Follows pages from a cursor to the end; what they held and where to go on. */
async function follow(query: string, from?: string) {
  const events: Readonly<Record<string, unknown>>[] = [];
  for (let cursor = from; ; ) {
    const at = cursor === undefined ? '' : `&cursor=${cursor}`;
    const { status, body } = await service.get<AuditPage>(`/api/queries/audit?${query}${at}`);
    expect(status).toBe(200);
    events.push(...body.data);
    if (body.nextCursor === null) return { events, resumeCursor: body.resumeCursor };
    cursor = body.nextCursor;
  }
}

async function logged(): Promise<readonly string[]> {
  const positions: string[] = [];
  for await (const { position } of service.store.readLog()) positions.push(position);
  return positions;
}

const positionsOf = (events: readonly Readonly<Record<string, unknown>>[]) =>
  events.map(({ position }) => String(position));

describe('GET /api/queries/audit', () => {
  it('shows every event of the log once, in its order', async () => {
    const { events } = await follow('limit=7');
    expect(positionsOf(events)).toEqual(await logged());
  });

  it('shows an event as it is in the log', async () => {
    const { events } = await follow(`stream=${generatedOrder(3).stream}`);
    const expected = await service.store.readEvent(String(events[0]?.['position']));
    expect(events[0]).toEqual({
      eventId: expected?.id,
      position: expected?.position,
      stream: expected?.stream,
      category: 'order',
      type: expected?.type,
      version: 1,
      schemaVersion: expected?.schemaVersion,
      correlationId: expected?.meta.correlationId,
      commandId: expected?.meta.commandId,
      recordedAt: expected?.recordedAt,
      occurredAt: expected?.occurredAt,
      data: expected?.data,
    });
  });

  it('filters by what an event says of itself', async () => {
    const meta = { actor: 'auditor-7', correlationId: 'one-request', causationId: 'its-cause' };
    const other = await openEventStore({
      redisUrl: redis.url,
      registry: createRegistry([]),
      prefix: redis.prefix,
      partitions: 4,
      durability: 'memory',
    });
    const own = { type: 'ParcelLost', data: { note: 'a\0b' }, occurredAt: '2020-02-02T12:00:00+01:00' };
    const { positions } = await other.append('parcel:1', [own], meta);
    await other.append('parcel:2', [{ type: 'ParcelFound', data: {} }]);
    await other.close();
    await caughtUp(service);
    for (const filter of [
      'type=ParcelLost',
      'stream=parcel:1',
      'category=parcel&actor=auditor-7',
      'correlationId=one-request',
      'from=2020-02-02T11:00:00Z&to=2020-02-02T11:00:00Z',
      'from=2020-01-01T00:00:00%2B05:00&to=2020-12-31T00:00:00Z',
    ]) {
      const { events } = await follow(filter);
      expect(positionsOf(events), filter).toEqual(positions);
      expect(events[0]).toMatchObject({ ...meta, unreadable: 'unknown-type', data: { note: 'a\0b' } });
    }
    expect((await follow('category=parcel')).events).toHaveLength(2);
    const [lost] = (await follow('type=ParcelLost')).events;
    const recordedAt = Date.parse(String(lost?.['recordedAt']));
    const around = (from: number, to: number) =>
      `type=ParcelLost&from=${new Date(recordedAt + from).toISOString()}&to=${new Date(recordedAt + to).toISOString()}`;
    expect(positionsOf((await follow(`${around(0, 0)}&by=recorded`)).events)).toEqual(positions);
    expect((await follow(`${around(1, 9)}&by=recorded`)).events).toEqual([]);
    expect((await follow(`${around(-9, -1)}&by=recorded`)).events).toEqual([]);
    expect((await follow(`${around(0, 0)}&by=occurred`)).events).toEqual([]);
    for (const refused of ['by=recorded', 'from=2020-01-01T00:00:00Z&by=told'])
      expect((await service.get(`/api/queries/audit?${refused}`)).status, refused).toBe(400);
    expect((await follow('type=ParcelStolen')).events).toEqual([]);
  });

  it('loses and repeats no event while a partition lags', async () => {
    const { resumeCursor: start } = await follow('limit=50');
    const before = new Set(await logged());
    const late = generatedOrder(1_000);
    const lagging = service.store.keys.partitionOf(late.stream);
    const held = await holdCheckpoint(postgres, 'projection:audit_log:v1', lagging);
    const seen: string[] = [];
    let cursor = start;
    try {
      // the lagging partition's events are the older ones
      await appendOrder(service.store, late);
      const others = Array.from({ length: 40 }, (_, i) => generatedOrder(2_000 + i, 2)).filter(
        ({ stream }) => service.store.keys.partitionOf(stream) !== lagging,
      );
      let last = '';
      for (const order of others) last = (await appendOrder(service.store, order)).at(-1) ?? last;
      expect((await service.get(`/api/queries/audit?wait_for=${last}`)).status).toBe(200);
      const ahead = await follow('limit=5', cursor);
      seen.push(...positionsOf(ahead.events));
      cursor = ahead.resumeCursor;
      expect(seen).toContain(last);
      expect(seen.some((position) => position.startsWith(`${lagging}-`))).toBe(false);
    } finally {
      await held.release();
    }
    await caughtUp(service);
    seen.push(...positionsOf((await follow('limit=5', cursor)).events));
    const added = (await logged()).filter((position) => !before.has(position));
    expect([...seen].sort(comparePositions)).toEqual(added);
  });
});
