import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { appForTests } from '../../test/app-for-tests.ts';
import type { HttpApp } from './http-app.ts';

let app: HttpApp;
let asked: number;
let client: Socket;
const MEGABYTE = 'x'.repeat(1024 ** 2);

beforeEach(async () => {
  ({ app } = await appForTests());
  asked = 0;
  app.get('/large', (_request, reply) => {
    asked += 1;
    return reply.type('text/plain').send(MEGABYTE);
  });
  const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  client = connect(Number(url.port), '127.0.0.1');
  client.on('error', () => undefined);
  client.pause();
  await once(client, 'connect');
});
afterEach(async () => {
  client.destroy();
  await app.close();
});

const ask = (times: number): boolean =>
  client.write('GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'.repeat(times));

it('a client that reads no answers has few made for it, and all of them once it reads', {
  timeout: 30_000,
}, async () => {
  ask(100);
  await expect.poll(() => asked).toBeGreaterThan(0);
  // others are answered meanwhile
  for (let i = 0; i < 50; i += 1) expect((await app.inject('/health/live')).statusCode).toBe(200);
  // the operating system takes a few megabytes, whoever reads them
  expect(asked).toBeLessThan(20);
  let received = 0;
  client.on('data', (chunk) => {
    received += chunk.length;
  });
  client.resume();
  await expect.poll(() => received, { timeout: 20_000 }).toBeGreaterThanOrEqual(100 * MEGABYTE.length);
  expect(asked).toBe(100);
});

it('a connection with too many requests in hand is ended', async () => {
  ask(1_200);
  client.resume();
  await once(client, 'close');
  expect(asked).toBeLessThan(100);
});
