import { type OrderEvent, orderFold, orderStream } from '@headrace/shop';
import { eventually } from '@headrace/test-kit';
import { beforeAll, describe, expect, it } from 'vitest';
import { useOrderApi } from './order-api.ts';

const userId = 'user789';

/** A draft that was changed very often. */
function changesOf(orderId: string, count: number): readonly OrderEvent[] {
  const item = { id: 'i', name: 'I', quantity: 1, price: { minor: 100, currency: 'USD' } };
  return Array.from({ length: count }, (_, i) =>
    i % 2 === 0
      ? { type: 'OrderItemAdded', data: { orderId, userId, item } }
      : { type: 'OrderItemRemoved', data: { orderId, userId, itemId: 'i' } },
  );
}

describe('an order with very many events', () => {
  const { api } = useOrderApi();
  const orderId = 'long';
  const stream = orderStream(orderId);
  const EVENTS = 2_501;

  beforeAll(async () => {
    const draft = { orderId, userId, currency: 'USD', paymentTerms: 'prepaid' };
    await api().store.append(stream, [{ type: 'OrderCreated', data: draft }]);
    for (let left = EVENTS - 1; left > 0; left -= 500) {
      await api().store.append(stream, changesOf(orderId, Math.min(left, 500)));
    }
  });

  const snapshots = () => api().store.listSnapshots(stream);
  const versionsOf = (events: readonly { version: number }[]) => events.map(({ version }) => version);
  const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  /** Follows `Link` to the end, as a client does. */
  async function pagesFrom(query: string) {
    const pages = [];
    for (let next: string | undefined = query; next !== undefined; ) {
      const { status, json, headers } = await api().get(`/orders/${orderId}/history${next}`);
      expect(status).toBe(200);
      pages.push(json);
      next = /^<(\?[^>]+)>; rel="next"$/.exec(String(headers['link'] ?? ''))?.[1];
    }
    return pages;
  }

  it('has snapshots of its state, which hold none of its history', async () => {
    expect((await api().get(`/orders/${orderId}`)).json).toMatchObject({ version: EVENTS, items: [] });
    await eventually(async () => expect(await snapshots()).toHaveLength(1));
    const [snapshot] = await snapshots();
    expect(snapshot).toMatchObject({ version: EVENTS, foldVersion: orderFold.foldVersion });
    expect(JSON.stringify(snapshot?.state).length).toBeLessThan(500);
  });

  it('does not begin with a snapshot of the form that held the history', async () => {
    const { keys, redis } = api().store;
    const entryId = await redis.lindex(keys.stream(stream), 99);
    const old = { orderId, userId, status: 'refunded', version: 100, history: [] };
    await redis.hset(keys.snapshots(stream), { 100: `1 ${entryId} ${JSON.stringify(old)}` });
    const { status, json } = await api().get(`/orders/${orderId}?version=100`);
    expect([status, json.status, json.history.length]).toEqual([200, 'draft', 100]);
    await redis.hdel(keys.snapshots(stream), '100');
  });

  it('shows its last hundred events with its state, and says that there are earlier ones', async () => {
    const all = await api().events(orderId);
    const entriesUpTo = (version: number) =>
      all
        .slice(0, version)
        .slice(-100)
        .map(({ type, occurredAt, id }) => ({ type, timestamp: occurredAt, eventId: id }));
    for (const version of [1, 99, 100, 101, 1_700, EVENTS]) {
      const { json } = await api().get(`/orders/${orderId}?version=${version}`);
      expect(json.history, `version ${version}`).toEqual(entriesUpTo(version));
      expect(json.hasEarlierHistory, `version ${version}`).toBe(version > 100 ? true : undefined);
    }
    expect((await api().get(`/orders/${orderId}`)).json.history).toEqual(entriesUpTo(EVENTS));
  });

  it('tells its history page by page, each event once', async () => {
    const pages = await pagesFrom('');
    expect(pages.map(({ length }) => length)).toEqual([1_000, 1_000, 501]);
    expect(versionsOf(pages.flat())).toEqual(upTo(1, EVENTS));
    const small = await pagesFrom('?from=2000&to=2499&limit=200');
    expect(small.map(versionsOf)).toEqual([upTo(2_000, 2_199), upTo(2_200, 2_399), upTo(2_400, 2_499)]);
    const untilNow = await pagesFrom(`?from=1501&to=${encodeURIComponent('2100-01-01T01:00:00+01:00')}`);
    expect(untilNow.map(versionsOf)).toEqual([upTo(1_501, 2_500), [EVENTS]]);
    expect(await pagesFrom(`?from=${EVENTS}&limit=1`)).toHaveLength(1);
  });

  it.each(['limit=0', 'limit=1001', 'limit=ten', 'limit=1.5'])('refuses ?%s', async (query) => {
    expect((await api().get(`/orders/${orderId}/history?${query}`)).status).toBe(400);
  });
});

describe('an order with large events', () => {
  const { api } = useOrderApi();

  it('ends a page of its history where an answer would become too large', async () => {
    const orderId = await api().order('placed');
    const note = { type: 'Noted', data: { text: 'x'.repeat(400_000) } };
    for (let i = 0; i < 8; i += 1) await api().store.append(orderStream(orderId), [note]);
    const { json, headers } = await api().get(`/orders/${orderId}/history`);
    expect(json).toHaveLength(7);
    expect(headers['link']).toBe('<?from=8&limit=1000>; rel="next"');
    const rest = await api().get(`/orders/${orderId}/history?from=8&limit=1000`);
    expect([rest.json.length, rest.headers['link']]).toEqual([2, undefined]);
    const { history } = (await api().get(`/orders/${orderId}`)).json;
    expect(history.map(({ type }: { type: string }) => type)).toEqual(['OrderPlaced']);
  });
});
