import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { FuzzRequest } from './requests.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const TIMEOUT_MS = 60_000;

/** One connection for each service. `fetch` would normalise the paths. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** @throws Error if there is no answer */
export async function send({ operation, method, target, headers, body }: FuzzRequest): Promise<Answer> {
  const { hostname, port } = new URL(operation.url);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpRequest({
    agent,
    hostname,
    port,
    method,
    path: target,
    headers: { ...headers, ...length },
  });
  request.setTimeout(TIMEOUT_MS, () => request.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
  request.once('error', reject);
  request.once('response', (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('error', reject);
    response.once('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
  request.end(body);
  return await promise;
}

/** Closes the connections, which would keep the process alive. */
export function endSending(): void {
  agent.destroy();
}
