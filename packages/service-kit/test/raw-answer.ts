import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import type { HttpAppOptions } from '../src/http/build-http-app.ts';
import { orderApp } from './app-for-tests.ts';

/** All that a listening orderApp answers to these very bytes, until it closes the connection. */
export async function rawAnswer(
  request: string | Buffer,
  options: Partial<HttpAppOptions> = {},
): Promise<string> {
  const { app } = await orderApp(options);
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  try {
    const socket = connect(Number(new URL(address).port), '127.0.0.1');
    socket.write(request);
    return await text(socket);
  } finally {
    await app.close();
  }
}
