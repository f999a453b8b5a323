import { services } from '@headrace/local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { markedBlock, sectionsOf } from './support/documents.ts';
import { eventually } from './support/eventually.ts';
import { getJson } from './support/http.ts';
import { runCommands, runTour } from './support/readme.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startTestSystem();
  await runTour(system.urls);
});

afterAll(async () => {
  await system?.close();
});

/** The operations in the tables of docs/http-api.md for a service, such as `GET /orders/{id}`. */
function documentedOperations(service: string): readonly string[] {
  const sections = sectionsOf('docs/http-api.md');
  const text = `${sections.get('Every service')}\n${sections.get(service)}`;
  return [...text.matchAll(/^\| `([A-Z]+ \/\S*)`/gm)].map(([, operation = '']) => operation);
}

async function servedOperations(service: string): Promise<readonly string[]> {
  const { paths } = await getJson<{ paths: Record<string, object> }>(`${system.url(service)}/docs/json`);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

describe('docs/http-api.md', () => {
  it.each(services.map(({ name }) => name))('has every operation of %s, and no other', async (service) => {
    const served = await servedOperations(service);
    expect(served.length).toBeGreaterThan(8);
    expect(documentedOperations(service).toSorted()).toEqual(served.toSorted());
  });
});

describe('docs/read-models.md', () => {
  it('declares a read model that answers as the page shows', async () => {
    const page = 'docs/read-models.md';
    const shown: { data: readonly object[] } = JSON.parse(markedBlock(page, 'answer'));
    const data = shown.data.map((row) => ({ ...row, lastUpdated: expect.any(String) }));
    await runCommands(markedBlock(page, 'declare'), system.urls);
    await eventually('The answer that the page shows', async () => {
      const answer = await runCommands(markedBlock(page, 'query'), system.urls);
      expect(JSON.parse(answer)).toEqual({ ...shown, data });
    });
  });
});

describe('docs/operations.md', () => {
  it('asks for retries of dead letters, and for the latest requests', async () => {
    const output = await runCommands(markedBlock('docs/operations.md', 'commands'), system.urls);
    const [retry, requests] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(retry).toMatchObject({ groups: [{ group: 'email', streams: 0 }] });
    expect(requests).toMatchObject({ requests: [] });
  });
});
