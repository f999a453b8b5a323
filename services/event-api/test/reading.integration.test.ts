import { describe, expect, it } from 'vitest';
import { type EventApi, useEventApi } from './event-api.ts';
import { expectProblem } from './refusals.ts';

const numbers = (count: number, ballast = '') =>
  Array.from({ length: count }, (_, i) => ({ type: 'Counted', data: { n: i + 1, ballast } }));

/** Versions of all events of a stream, page by page as a client follows them. */
async function pageThrough(api: EventApi, stream: string, query: string) {
  const pages: number[][] = [];
  let from = '';
  for (;;) {
    const { data } = await api.get(`/api/events/${stream}${from}?${query}`);
    pages.push(data.events.map(({ version }: { version: number }) => version));
    if (!data.hasMore) return pages;
    from = `/${data.nextVersion}`;
  }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('reading a stream', () => {
  const { api } = useEventApi();

  it('pages through in both directions, and skips nothing', async () => {
    await api().store.append('long:1', numbers(250));
    const forwards = await pageThrough(api(), 'long:1', 'limit=100');
    expect(forwards.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(forwards.flat()).toEqual(upTo(250));
    const backwards = await pageThrough(api(), 'long:1', 'limit=101&direction=backwards');
    expect(backwards.map(({ length }) => length)).toEqual([101, 101, 48]);
    expect(backwards.flat()).toEqual(upTo(250).reverse());
    expect(await pageThrough(api(), 'long:1', 'limit=250')).toEqual([upTo(250)]);
    expect((await pageThrough(api(), 'long:1', '')).map(({ length }) => length)).toEqual([100, 100, 50]);
  });

  it('begins after a version, and tells the current one', async () => {
    await api().store.append('long:2', numbers(5));
    const versionsOf = async (path: string) => {
      const { status, headers, data } = await api().get(`/api/events/long:2${path}`);
      expect([status, headers['etag'], data.currentVersion]).toEqual([200, '"5"', 5]);
      return data.events.map(({ version }: { version: number }) => version);
    };
    expect(await versionsOf('/0')).toEqual([1, 2, 3, 4, 5]);
    expect(await versionsOf('/3')).toEqual([4, 5]);
    expect(await versionsOf('/5')).toEqual([]);
    expect(await versionsOf('/3?direction=backwards')).toEqual([2, 1]);
    expect(await versionsOf('/1?direction=backwards')).toEqual([]);
    expect(await versionsOf('/0?direction=backwards')).toEqual([]);
    const beyond = await api().get('/api/events/long:2/6');
    const members = { stream: 'long:2', version: 6, current: 5 };
    expectProblem(beyond, { status: 404, type: 'version-beyond-end', members });
    expectProblem(await api().get('/api/events/nobody'), { status: 404, type: 'stream-not-found' });
  });

  it('makes pages of large events shorter', async () => {
    const large = numbers(8, 'x'.repeat(400_000));
    for (const event of large) await api().store.append('large:1', [event]);
    for (const direction of ['forwards', 'backwards']) {
      const pages = await pageThrough(api(), 'large:1', `limit=1000&direction=${direction}`);
      expect(pages.map(({ length }) => length)).toEqual([6, 2]);
      expect(pages.flat()).toEqual(direction === 'forwards' ? upTo(8) : upTo(8).reverse());
    }
    const { data } = await api().get('/api/events');
    expect(data.hasMore).toBe(true);
  });

  it('reads names that have to be encoded', async () => {
    const stream = 'site/eu@2~a.b:1';
    await api().store.append(stream, numbers(1));
    const { data } = await api().get(`/api/events/${encodeURIComponent(stream)}`);
    expect(data.streamId).toBe(stream);
  });
});

describe('reading the log', () => {
  const { api } = useEventApi();

  /** Everything that a query gives, followed to the end of the log. */
  async function follow(query: string, start?: string) {
    const ids: string[] = [];
    let cursor = start;
    for (;;) {
      const { data } = await api().get(
        `/api/events?${query}${cursor === undefined ? '' : `&cursor=${cursor}`}`,
      );
      ids.push(...data.events.map(({ eventId }: { eventId: string }) => eventId));
      cursor = data.cursor as string;
      if (!data.hasMore) return { ids, cursor };
    }
  }

  it('follows all streams, skips nothing and goes on where it stopped', async () => {
    const written: string[] = [];
    const write = async (stream: string, type: string) => {
      const { positions } = await api().store.append(stream, [{ type, data: {} }]);
      written.push(...positions);
    };
    for (let i = 0; i < 60; i += 1) await write(`thing:${i % 20}`, i % 3 === 0 ? 'Third' : 'Other');
    const sorted = (ids: readonly string[]) => [...ids].sort();
    for (const limit of [1, 7, 60, 61]) {
      const { ids } = await follow(`limit=${limit}`);
      expect(ids, `in pages of ${limit}`).toHaveLength(60);
      expect(sorted(ids)).toEqual(sorted(written));
    }
    const { cursor } = await follow('limit=7');
    expect((await follow('limit=7', cursor)).ids).toEqual([]);
    for (let i = 0; i < 30; i += 1) await write(`thing:${i}`, 'Late');
    expect(sorted((await follow('limit=7', cursor)).ids)).toEqual(sorted(written.slice(60)));
    const interrupted = (await api().get('/api/events?limit=13')).data;
    const rest = await follow('limit=9', interrupted.cursor);
    expect(rest.ids).toHaveLength(written.length - 13);
  });

  it('filters by category, types and time', async () => {
    await api().account('filtered', 10);
    const countOf = async (query: string) => (await follow(query)).ids.length;
    expect(await countOf('category=account')).toBe(2);
    expect(await countOf('category=thing&type=Third&limit=3')).toBe(20);
    expect(await countOf('type=Third,MoneyDeposited&limit=3')).toBe(21);
    expect(await countOf('category=account&type=Third')).toBe(0);
    const { data } = await api().get('/api/events?type=MoneyDeposited');
    const since = encodeURIComponent(data.events[0].recordedAt);
    expect(await countOf(`category=account&since=${since}`)).toBe(1);
    expect(await countOf('since=2999-01-01T00:00:00Z')).toBe(0);
  });

  it.each([
    ['cursor=x', 'cursor'],
    ['cursor=_._', 'cursor'],
    ['cursor=_._._._._._._.zzzzzzzzzzzzz-0', 'cursor'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=ten', 'limit'],
    ['since=yesterday', 'since'],
    ['stream=x', 'stream'],
  ])('refuses ?%s', async (query, path) => {
    const members = { errors: [{ in: 'query', path, message: expect.any(String) }] };
    expectProblem(await api().get(`/api/events?${query}`), { status: 400, type: 'invalid-request', members });
  });
});
