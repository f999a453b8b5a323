import { describe, expect, it } from 'vitest';
import { createLogger } from './create-logger.ts';
import { createParkedLog } from './parked-log.ts';

const facts = {
  group: 'commands:order',
  partition: 3,
  stream: 'order:1',
  type: 'RefundOrder',
  correlationId: 'c-1',
  traceparent: undefined,
  attempts: 3,
};

function lineOf(log: (report: ReturnType<typeof createParkedLog>) => void): Record<string, unknown> {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  log(createParkedLog(createLogger({ service: 'order-api', instance: 'i-1', destination })));
  return JSON.parse(lines.join('')) as Record<string, unknown>;
}

describe('the log of what is parked', () => {
  it('leads to the command, its stream and its request, with the failure', () => {
    const error = new Error('no bank takes ann@example.com');
    const line = lineOf((report) =>
      report({ ...facts, kind: 'command', id: '3-c0ffee', cause: 'poison', error }),
    );
    expect(line).toMatchObject({
      level: 'warn',
      msg: 'command could not be executed',
      group: 'commands:order',
      stream: 'order:1',
      type: 'RefundOrder',
      commandId: '3-c0ffee',
      correlationId: 'c-1',
      attempts: 3,
      err: { message: 'no bank takes [redacted]' },
    });
  });

  it('leads to the event, and needs no error', () => {
    const line = lineOf((report) =>
      report({ ...facts, kind: 'event', id: '3-1-0', cause: 'unreadable', error: null }),
    );
    expect(line).toMatchObject({
      msg: 'event parked as a dead letter',
      eventId: '3-1-0',
      cause: 'unreadable',
    });
    expect(line).not.toHaveProperty('err');
  });
});
