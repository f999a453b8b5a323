import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { debianPrograms, findProgram } from '@headrace/local';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Gateway, rawAnswer, startGateway } from './support/gateway.ts';
import { send } from './support/http.ts';

const nginx = await findProgram(debianPrograms.nginx, process.env);
const KIB = 1024;
const close = 'Connection: close\r\n\r\n';

describe.runIf(nginx !== undefined)('the gateway', () => {
  let service: Server;
  let gateway: Gateway;

  beforeAll(async () => {
    if (nginx === undefined) return;
    // tells what has reached it
    service = createServer((request, response) => {
      request.resume().once('end', () => {
        const { method, url: path, headers } = request;
        response.setHeader('x-correlation-id', headers['x-correlation-id'] ?? 'none');
        response.end(JSON.stringify({ method, path, host: headers.host }));
      });
    }).listen(0, '127.0.0.1');
    await once(service, 'listening');
    gateway = await startGateway(nginx, { 'order-api': (service.address() as AddressInfo).port });
  });

  afterAll(async () => {
    await gateway?.stop();
    service?.closeAllConnections();
    service?.close();
  });

  const raw = (request: string) => rawAnswer(gateway.port('order-api'), request);

  /** Holds a raw answer to what every error of the services has. */
  function expectProblem(answer: string, status: number, slug: string): void {
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(head).toContain('Content-Type: application/problem+json\r\n');
    const correlationId = /^x-correlation-id: (\S+)$/im.exec(head)?.[1];
    expect(JSON.parse(body)).toMatchObject({ type: `/problems/${slug}`, status, correlationId });
  }

  it.each([
    ['a Content-Length that is no number', `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n${close}`],
    ['no Host', `GET / HTTP/1.1\r\n${close}`],
    ['two Hosts', `GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n${close}`],
    ['a Host that is none', `GET / HTTP/1.1\r\nHost: a b\r\n${close}`],
    ['what is not HTTP', 'HELLO\r\n\r\n'],
    ['a path that is not one', `GET /%zz HTTP/1.1\r\nHost: a\r\n${close}`],
    ['CONNECT', `CONNECT a:1 HTTP/1.1\r\nHost: a\r\n${close}`],
  ])('answers %s with 400', async (_case, request) => {
    const answer = await raw(request);
    // versions of nginx differ
    if (/^HTTP\/1.1 405/.test(answer)) expectProblem(answer, 405, 'method-not-allowed');
    else expectProblem(answer, 400, 'malformed-request');
  });

  it.each([
    ['a path of 9 KiB', 414, 'path-too-long', `GET /${'a'.repeat(9 * KIB)} HTTP/1.1\r\nHost: a\r\n${close}`],
    [
      'a header of 9 KiB',
      431,
      'headers-too-large',
      `GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${'a'.repeat(9 * KIB)}\r\n${close}`,
    ],
    ['TRACE', 405, 'method-not-allowed', `TRACE / HTTP/1.1\r\nHost: a\r\n${close}`],
    [
      'another transfer encoding',
      501,
      'unsupported-transfer-encoding',
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n${close}`,
    ],
    ['HTTP/3.0', 505, 'http-version-not-supported', `GET / HTTP/3.0\r\nHost: a\r\n${close}`],
    ['its own pages', 404, 'not-found', `GET /gateway/path HTTP/1.1\r\nHost: a\r\n${close}`],
  ])('answers %s with %i', async (_case, status, slug, request) => {
    const answer = await raw(request);
    expectProblem(answer, status, slug);
    if (status === 405) expect(answer).toContain('Allow: DELETE, GET, HEAD, OPTIONS, POST\r\n');
  });

  it('lets a client that sends 5 MB before it reads see the answer', async () => {
    const url = `http://127.0.0.1:${gateway.port('order-api')}/`;
    const { status, headers, body } = await send('POST', url, { text: 'x'.repeat(5_000_000) });
    expect([status, headers.get('content-type')]).toEqual([413, 'application/problem+json']);
    const correlationId = headers.get('x-correlation-id');
    expect(body).toMatchObject({ type: '/problems/body-too-large', status: 413, correlationId });
  });

  it('answers for a service that is away, and logs that without the query and mail addresses', async () => {
    const url = `http://127.0.0.1:${gateway.port('event-api')}`;
    const headers = { 'x-correlation-id': 'c-1' };
    const {
      status,
      headers: answered,
      body,
    } = await send('GET', `${url}/a?userId=grace`, undefined, headers);
    expect([status, answered.get('retry-after'), answered.get('x-correlation-id')]).toEqual([
      503,
      '1',
      'c-1',
    ]);
    expect(body).toMatchObject({ type: '/problems/service-unavailable', status: 503, correlationId: 'c-1' });
    await send('GET', `${url}/users/grace%40example.com`);
    const log = await eventually('two lines', async () => {
      const lines = (await gateway.log()).split('\n').filter((line) => line.includes('request failed'));
      expect(lines.length).toBeGreaterThan(1);
      return lines.map((line) => JSON.parse(line));
    });
    const expected = { service: 'gateway', method: 'GET', path: '/a', status: 503, correlationId: 'c-1' };
    expect(log).toContainEqual(expect.objectContaining(expected));
    expect(await gateway.log()).not.toContain('grace');
  });

  it('passes on what a service answers, with one correlation id from end to end', async () => {
    const answer = await raw(
      `GET /a%2Fb/../c?d=%zz HTTP/1.1\r\nHost: shop.example:3000\r\nX-Correlation-Id: c-2\r\n${close}`,
    );
    expect(answer.match(/x-correlation-id: .*/gi)).toEqual(['X-Correlation-Id: c-2']);
    expect(answer).toContain('{"method":"GET","path":"/a%2Fb/../c?d=%zz","host":"shop.example:3000"}');
    const made = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX-Correlation-Id: not "one"\r\n${close}`);
    expect(made).toMatch(/x-correlation-id: [0-9a-f]{32}\r\n/i);
  });

  it('has a Host for those who need not send one', async () => {
    expect(await raw('GET / HTTP/1.0\r\n\r\n')).toContain('"host":"localhost"');
  });
});
