import { type Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';

/**
 * The JSON answer to a POST with a body, else to a GET. Node's own client, since it costs least beside what is measured.
 *
 * @throws Error for any other status than 2xx
 */
export function ask(agent: Agent, url: string, body?: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const sending = body === undefined ? { agent } : { agent, method: 'POST', headers: headersOf(body) };
    const sent = request(url, sending, async (response) => {
      try {
        const answer = (await json(response)) as Record<string, unknown>;
        const { statusCode = 0 } = response;
        if (statusCode < 300) resolve(answer);
        else reject(new Error(`${url} answers ${statusCode}: ${JSON.stringify(answer)}`));
      } catch (error) {
        reject(new Error(`${url} gave no readable answer`, { cause: error }));
      }
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

function headersOf(body: string): Record<string, string | number> {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}
