import { describe, expect, it } from 'vitest';
import { rawAnswer } from '../../test/raw-answer.ts';

const post = (expectation: string) =>
  `POST /orders/1/deliver HTTP/1.1\r\nHost: localhost\r\nExpect: ${expectation}\r\nX-Correlation-Id: c-1\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`;

describe('what a client expects', () => {
  it.each(['x', 'money=true'])('is refused with a problem when it is %s', async (expectation) => {
    const answer = await rawAnswer(post(expectation));
    expect(answer).toMatch(/^HTTP\/1.1 417 .*content-type: application\/problem\+json.*100-continue/is);
    expect(answer).toContain('"type":"/problems/expectation-failed"');
    expect(answer).toContain('"correlationId":"c-1"');
  });

  it.each(['100-continue', '100-Continue'])('is done when it is %s', async (expectation) => {
    expect(await rawAnswer(post(expectation))).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  });
});
