import { describe, expect, it } from 'vitest';
import { type AppendBody, appendBody } from './append-body.ts';
import { appendRequestOf } from './append-request.ts';

const headers = { correlationId: 'from-header', actor: 'header', ip: '10.0.0.1', idempotencyKey: 'k' };
const bodyOf = (metadata: object, more: object = {}): AppendBody =>
  appendBody.parse({ streamId: 's', eventType: 'A', eventData: {}, metadata, ...more });
const batchOf = (...metadata: object[]): AppendBody =>
  appendBody.parse({
    streamId: 's',
    events: metadata.map((one) => ({ eventType: 'A', eventData: {}, metadata: one })),
  });

describe('what an append is asked for', () => {
  it('is told by the body before the headers, and free fields stay with their event', () => {
    const request = appendRequestOf(bodyOf({ actor: 'body', causationId: 'e', tenant: 't' }), headers);
    expect(request).toEqual({
      stream: 's',
      events: [{ type: 'A', data: {}, meta: { tenant: 't' } }],
      context: { correlationId: 'from-header', actor: 'body', causationId: 'e', ip: '10.0.0.1' },
    });
  });

  it('takes business time beside the event or in its metadata', () => {
    const occurredAt = '2024-01-15T14:00:00Z';
    for (const body of [
      bodyOf({ occurredAt }),
      bodyOf({}, { occurredAt }),
      bodyOf({ occurredAt: '2024-01-15T15:00:00+01:00' }, { occurredAt }),
    ]) {
      const { events } = appendRequestOf(body, headers);
      expect(Date.parse(events[0]?.occurredAt ?? '')).toBe(Date.parse(occurredAt));
      expect(events[0]).not.toHaveProperty('meta');
    }
  });

  it('has one origin for all of a batch', () => {
    const { context } = appendRequestOf(batchOf({}, { actor: 'ann' }, { actor: 'ann' }), headers);
    expect(context.actor).toBe('ann');
    for (const name of ['correlationId', 'causationId', 'actor', 'traceparent']) {
      const torn = batchOf({ [name]: 'a' }, { [name]: 'b' });
      expect(() => appendRequestOf(torn, headers)).toThrow(`have one ${name}`);
    }
  });
});
