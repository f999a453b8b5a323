import { describe, expect, it } from 'vitest';
import { orderApp } from '../../test/app-for-tests.ts';

async function lineFor(url: string) {
  const { app, log } = await orderApp();
  await app.inject({ url });
  const line = log.find((text) => text.includes('"msg":"request"')) ?? '{}';
  return { line, logged: JSON.parse(line) };
}

describe('the line of a request', () => {
  it.each(['/context', '/no/such/path'])(
    'has the names of its parameters, not their values: %s',
    async (path) => {
      const { line, logged } = await lineFor(
        `${path}?userId=grace%40example.com&phone=0441234567&userId=x&flag`,
      );
      expect(logged).toMatchObject({ method: 'GET', path, query: ['userId', 'phone', 'flag'] });
      expect(line).not.toMatch(/grace|0441234567/);
    },
  );

  it('has no query where there is none', async () => {
    expect((await lineFor('/context')).logged).not.toHaveProperty('query');
  });

  it('does not grow with what a caller makes up', async () => {
    const query = Array.from({ length: 100 }, (_, at) => `${at}${'a'.repeat(100)}=1`).join('&');
    const { logged } = await lineFor(`/context?${query}`);
    expect(logged.query).toHaveLength(20);
    expect(Math.max(...logged.query.map((name: string) => name.length))).toBe(50);
  });

  it.each(['/streams/user:grace%40example.com', '/context?grace%40example.com'])(
    'has no mail address, however it is written: %s',
    async (url) => {
      expect((await lineFor(url)).line).not.toContain('grace');
    },
  );
});
