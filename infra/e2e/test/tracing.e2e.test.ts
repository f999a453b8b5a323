import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './support/eventually.ts';
import { send } from './support/http.ts';
import {
  type OtlpReceiver,
  type ReceivedSpan,
  spanKinds,
  startOtlpReceiver,
} from './support/otlp-receiver.ts';
import { startTestSystem, type TestSystem } from './support/test-system.ts';

const customer = 'ada.tracer@example.com';
const callerSpan = '00f067aa0ba902b7';

let receiver: OtlpReceiver;
let system: TestSystem;
const lines: string[] = [];

beforeAll(async () => {
  receiver = await startOtlpReceiver();
  system = await startTestSystem({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url.replace('//', '//collector:s3cret@') },
    log: { line: (_source, line) => void lines.push(line), message: () => undefined },
  });
});

afterAll(async () => {
  await system?.close();
  await receiver?.close();
});

async function post(path: string, body: object, headers?: Record<string, string>): Promise<string> {
  const answer = await send('POST', `${system.url('order-api')}${path}`, body, headers);
  expect(answer.status).toBeLessThan(300);
  return (answer.body as { orderId: string }).orderId;
}

const placeOrder = (headers?: Record<string, string>) =>
  post(
    '/orders',
    { userId: 'ada', items: [{ id: 'book', name: 'Book' }], amount: 20, email: customer },
    headers,
  );

const traceparent = (traceId: string, flags: '00' | '01'): Record<string, string> => ({
  traceparent: `00-${traceId}-${callerSpan}-${flags}`,
});

const traceOf = (traceId: string): readonly ReceivedSpan[] =>
  receiver.spans.filter((span) => span.traceId === traceId);

/** `service: span` of all spans of a trace but those of the database. */
const shapeOf = (trace: readonly ReceivedSpan[]): readonly string[] =>
  [
    ...new Set(
      trace.filter(({ kind }) => kind !== spanKinds.client).map(({ service, name }) => `${service}: ${name}`),
    ),
  ].sort();

const everyConsumerOf = (type: string): readonly string[] => [
  `analytics-worker: analytics ${type}`,
  `billing-worker: billing ${type}`,
  `email-worker: email ${type}`,
  `projection-service: projection:audit_log:v1 ${type}`,
  `projection-service: projection:orders:v2 ${type}`,
];

describe('traces', () => {
  it('show the request, the append and the work of all consumers under one trace id', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4701';
    await placeOrder(traceparent(traceId, '01'));
    const wanted = [
      'order-api: POST /orders',
      'order-api: handle',
      'order-api: append',
      ...everyConsumerOf('OrderPlaced'),
      'projection-service: projection:daily_summary:v1 OrderPlaced',
    ];
    const trace = await eventually('the whole trace', () => {
      expect(shapeOf(traceOf(traceId))).toEqual([...wanted].sort());
      return traceOf(traceId);
    });

    const [request] = trace.filter(({ kind }) => kind === spanKinds.server);
    expect(request).toMatchObject({
      parentSpanId: callerSpan,
      attributes: {
        'http.route': '/orders',
        'http.request.method': 'POST',
        'http.response.status_code': 201,
      },
    });
    const ids = new Set([callerSpan, ...trace.map(({ spanId }) => spanId)]);
    expect(trace.filter(({ parentSpanId }) => !ids.has(parentSpanId ?? 'none'))).toEqual([]);
    const [handle] = trace.filter(({ name }) => name === 'handle');
    const [append] = trace.filter(({ name }) => name === 'append');
    expect([handle?.parentSpanId, append?.parentSpanId]).toEqual([request?.spanId, handle?.spanId]);
    const consumers = trace.filter(({ kind }) => kind === spanKinds.consumer);
    expect(new Set(consumers.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([append?.spanId]));
    for (const { attributes } of consumers) {
      expect(attributes).toMatchObject({
        'headrace.event_id': append?.attributes['headrace.event_id'],
        'headrace.stream': append?.attributes['headrace.stream'],
        'headrace.partition': expect.any(Number),
        'headrace.event_type': 'OrderPlaced',
      });
    }
  });

  it('show what each consumer does in its database, without any value', async () => {
    await eventually('statements of all four', () => {
      const services = receiver.spans
        .filter(({ kind }) => kind === spanKinds.client)
        .map(({ service }) => service);
      const workers = ['analytics-worker', 'billing-worker', 'email-worker', 'projection-service'];
      expect([...new Set(services)].sort()).toEqual(workers);
    });
    const statements = receiver.spans.map(({ attributes }) => attributes['db.query.text']);
    expect(statements).toContainEqual(
      expect.stringMatching(/update consumer_checkpoints\s+set entry_id = \$1/),
    );
    expect(statements).toContain('commit');
    expect(receiver.bodies.join('\n')).not.toContain('ada.tracer');
  });

  it('have the path of a request without its query, and no mail address', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4706';
    const url = `${system.url('order-api')}/orders/${encodeURIComponent(customer)}?at=${customer}&x=${customer}`;
    expect((await send('GET', url, undefined, traceparent(traceId, '01'))).status).toBe(400);
    await eventually('the request', () => {
      expect(traceOf(traceId).map(({ attributes }) => attributes['url.path'])).toEqual([
        '/orders/[redacted]',
      ]);
    });
    expect(receiver.bodies.join('\n')).not.toContain('ada.tracer');
    expect(lines.join('\n')).not.toContain('ada.tracer');
  });

  it('link the events of a batch to the one whose trace has the transaction', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4705';
    const notes = [1, 2, 3].map((number) => ({ eventType: 'NoteTaken', eventData: { number } }));
    const body = { streamId: 'note:batch', events: notes };
    await send('POST', `${system.url('event-api')}/api/events`, body, traceparent(traceId, '01'));
    const [first, ...others] = await eventually('three handled events', () => {
      const handled = traceOf(traceId).filter(({ name }) => name === 'projection:audit_log:v1 NoteTaken');
      expect(handled).toHaveLength(3);
      return handled.toSorted((a, b) => a.links.length - b.links.length);
    });
    expect(first?.links).toEqual([]);
    for (const { links } of others) expect(links).toMatchObject([{ traceId, spanId: first?.spanId }]);
    const parents = traceOf(traceId).flatMap((span) =>
      span.attributes['db.query.text'] === 'commit' ? [span.parentSpanId] : [],
    );
    expect(parents).toContain(first?.spanId);
    for (const { spanId } of others) expect(parents).not.toContain(spanId);
  });

  it('do not keep partitions from sharing a transaction, which is part of one of their traces', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4707';
    const url = `${system.url('event-api')}/api/events`;
    await eventually('a transaction of several partitions', async () => {
      const streams = Array.from({ length: 8 }, (_, number) => `note:shared-${number}`);
      const sent = streams.map((streamId) => {
        const body = { streamId, events: [{ eventType: 'NoteTaken', eventData: {} }] };
        return send('POST', url, body, traceparent(traceId, '01'));
      });
      await Promise.all(sent);
      const spans = traceOf(traceId).filter(({ name }) => name === 'projection:audit_log:v1 NoteTaken');
      const partitionOf = new Map(spans.map((span) => [span.spanId, span.attributes['headrace.partition']]));
      const linked = spans.flatMap(({ links, attributes }) =>
        links.map(({ spanId }) => [partitionOf.get(spanId), attributes['headrace.partition']]),
      );
      expect(linked.filter(([first, other]) => first !== undefined && first !== other)).not.toEqual([]);
    });
  });

  it('follow a durable command from the request that led to it to its effects', async () => {
    const orderId = await placeOrder();
    await post(`/orders/${orderId}/payment`, { paymentMethod: 'card', amount: 20 });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4702';
    const reason = { reason: 'changed my mind', userId: 'ada' };
    await post(`/orders/${orderId}/cancel`, reason, traceparent(traceId, '01'));
    await eventually('the refund in the trace of the cancellation', () => {
      expect(shapeOf(traceOf(traceId))).toEqual(
        expect.arrayContaining([
          'order-api: POST /orders/:id/cancel',
          'billing-worker: send',
          'order-api: commands:order RefundOrder',
          ...everyConsumerOf('OrderCancelled'),
          ...everyConsumerOf('OrderRefunded'),
        ]),
      );
    });
    const sent = traceOf(traceId).find(({ name }) => name === 'send');
    const executed = traceOf(traceId).find(({ name }) => name === 'commands:order RefundOrder');
    expect(executed).toMatchObject({ kind: spanKinds.consumer, parentSpanId: sent?.spanId });
  });

  it('begin anew where no caller traces, and leave out what a caller does not record', async () => {
    const unrecorded = '4bf92f3577b34da6a3ce929d0e0e4703';
    await placeOrder(traceparent(unrecorded, '00'));
    const orderId = await placeOrder();
    const root = await eventually('a trace of its own', () => {
      const append = receiver.spans.find(
        ({ attributes }) => attributes['headrace.stream'] === `order:${orderId}`,
      );
      const [span] = traceOf(append?.traceId ?? 'none').filter(({ kind }) => kind === spanKinds.server);
      expect(shapeOf(traceOf(span?.traceId ?? 'none'))).toEqual(
        expect.arrayContaining([...everyConsumerOf('OrderPlaced')]),
      );
      return span;
    });
    expect(root?.parentSpanId).toBeUndefined();
    expect(traceOf(unrecorded)).toEqual([]);
    expect(receiver.spans.filter(({ name }) => /health|metrics/.test(name))).toEqual([]);
  });

  it('are complete when a service has stopped, and cost nothing but themselves when nobody takes them', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4704';
    await placeOrder(traceparent(traceId, '01'));
    const [api] = system.services['order-api'] ?? [];
    await api?.stop();
    expect(shapeOf(traceOf(traceId))).toContain('order-api: POST /orders');
    expect([...receiver.authorizations]).toEqual([
      `Basic ${Buffer.from('collector:s3cret').toString('base64')}`,
    ]);

    await receiver.close();
    const [other] = system.services['event-api'] ?? [];
    const note = { streamId: 'note:1', eventType: 'NoteTaken', eventData: { text: 'a' } };
    const answer = await send('POST', `${system.url('event-api')}/api/events`, note);
    expect(answer.status).toBe(201);
    const stopping = performance.now();
    await other?.stop();
    expect(performance.now() - stopping).toBeLessThan(8_000);
    await eventually('a word about it', () => {
      expect(lines.filter((line) => line.includes('traces could not be sent')).length).toBeGreaterThan(0);
    });
    expect(lines.filter((line) => line.includes('s3cret') || line.includes('did not stop in order'))).toEqual(
      [],
    );
  });
});
