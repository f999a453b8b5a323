import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { describe, expect, it } from 'vitest';
import { orderApp } from '../../test/app-for-tests.ts';

const MIB = 1024 ** 2;
const next = 'GET /context HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

/** All that comes back to a client that sends all of this before it looks, as many do. */
async function answerToAll(parts: Iterable<string>): Promise<string> {
  return await talk(parts, async (socket) => {
    let answer = '';
    for await (const chunk of socket) answer += String(chunk);
    return answer;
  });
}

async function firstOf(parts: Iterable<string>): Promise<string> {
  return await talk(parts, async (socket) => String((await once(socket, 'data'))[0]));
}

async function talk(parts: Iterable<string>, listen: (socket: Socket) => Promise<string>): Promise<string> {
  const { app } = await orderApp();
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const socket: Socket = connect(Number(new URL(address).port), '127.0.0.1');
  try {
    await pipeline(Readable.from(parts, { objectMode: false }), socket, { end: false });
    return await listen(socket);
  } finally {
    socket.destroy();
    await app.close();
  }
}

function* mebibytes(count: number, frame = (part: string) => part): Generator<string> {
  const part = frame('x'.repeat(MIB));
  for (let sent = 0; sent < count; sent += 1) yield part;
}

const head = (length: string, type = 'application/json') =>
  `POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${length}\r\n\r\n`;

describe('a body that is not wanted', () => {
  it('is read to its end, so that the client sees the answer, and may send the next request', async () => {
    const parts = [head(`Content-Length: ${10 * MIB}`), ...mebibytes(10), next];
    expect(await answerToAll(parts)).toMatch(/^HTTP\/1.1 413 .*body-too-large.*HTTP\/1.1 200 OK/s);
  });

  it('is read to its end without a length too', async () => {
    const chunks = mebibytes(10, (part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    const parts = [head('Transfer-Encoding: chunked'), ...chunks, '0\r\n\r\n', next];
    expect(await answerToAll(parts)).toMatch(/^HTTP\/1.1 413 .*body-too-large.*HTTP\/1.1 200 OK/s);
  });

  it.each(['application/json', 'text/plain'])(
    'is read first where the client wants no other: %s',
    async (type) => {
      const parts = [head(`Content-Length: ${10 * MIB}\r\nConnection: close`, type), ...mebibytes(10)];
      expect(await answerToAll(parts)).toMatch(
        /^HTTP\/1.1 41[35] .*connection: close\r\n.*"status":41[35]/is,
      );
    },
  );

  it('is answered before its end where the client waits for the answer', async () => {
    for (const connection of ['keep-alive', 'close']) {
      const parts = [head(`Content-Length: ${10 * MIB}\r\nConnection: ${connection}`), ...mebibytes(1)];
      expect(await firstOf(parts)).toMatch(/^HTTP\/1.1 413 /);
    }
  }, 20_000);

  it('is read to its end where its type is wrong', async () => {
    const parts = [head(`Content-Length: ${10 * MIB}`, 'text/plain'), ...mebibytes(10), next];
    expect(await answerToAll(parts)).toMatch(/^HTTP\/1.1 415 .*HTTP\/1.1 200 OK/s);
  });

  it.each(['application/json', 'text/plain', 'application/json\r\nConnection: close'])(
    'ends the connection where it is huge: %s',
    async (type) => {
      const parts = (function* () {
        yield head(`Content-Length: ${1000 * MIB}`, type);
        yield* mebibytes(1000);
      })();
      await expect(answerToAll(parts)).rejects.toThrow(/EPIPE|ECONNRESET|Premature close/);
    },
  );
});
