import { describe, expect, it } from 'vitest';
import { useOrderApi } from './order-api.ts';

interface RouteDocument {
  readonly parameters?: readonly { readonly name: string; readonly description?: string }[];
  readonly requestBody?: {
    readonly content: {
      readonly 'application/json': {
        readonly example?: object;
        readonly examples?: Readonly<Record<string, { readonly value: object }>>;
      };
    };
  };
}

function examplesOf({ requestBody }: RouteDocument): object[] {
  const media = requestBody?.content['application/json'];
  const several = Object.values(media?.examples ?? {}).map(({ value }) => value);
  return media?.example === undefined ? several : [media.example, ...several];
}

describe('the documentation', () => {
  const { api } = useOrderApi();

  async function routes() {
    const { json } = await api().get('/docs/json');
    return Object.entries<Record<string, RouteDocument>>(json.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, route]) => ({ path, method, route })),
    );
  }

  it('describes every route', async () => {
    for (const { path, route } of await routes()) {
      expect(route, path).toMatchObject({ summary: expect.any(String), tags: [expect.any(String)] });
    }
  });

  it('says of every write how long a key stands for what', async () => {
    const writes = (await routes()).filter(
      ({ path, method }) => path.startsWith('/orders') && method !== 'get',
    );
    expect(writes).toHaveLength(10);
    for (const { path, route } of writes) {
      const key = route.parameters?.find(({ name }) => name === 'idempotency-key');
      expect(key?.description, path).toMatch(/path, body and X-Actor.*24 hours.*422/);
    }
  });

  it('has an example for every body, and each of them works', async () => {
    const writes = (await routes()).filter(
      ({ path, method }) => path.startsWith('/orders') && method === 'post',
    );
    expect(writes).toHaveLength(9);
    for (const { path, route } of writes) {
      const examples = examplesOf(route);
      expect(examples.length, path).toBeGreaterThan(0);
      for (const body of examples) {
        // nobody placed that order: the shape was accepted, and only then it was looked for
        const { status } = await api().post(path.replace('{id}', 'nobody'), body);
        expect(status, path).toBe(path.includes('{id}') ? 404 : 201);
      }
    }
  });
});
