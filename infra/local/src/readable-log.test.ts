import { beforeEach, describe, expect, it } from 'vitest';
import { type ReadableLog, readableLog } from './readable-log.ts';

describe('readableLog', () => {
  let written: string;
  let log: ReadableLog;
  const json = (fields: object): string => JSON.stringify({ level: 30, time: 0, ...fields });

  beforeEach(() => {
    written = '';
    log = readableLog(
      (text) => {
        written += text;
      },
      { color: false, nameWidth: 12 },
    );
  });

  it('puts the source before a readable line', () => {
    log.line('order-api', json({ pid: 7, msg: 'order placed', orderId: 'o-1' }));
    expect(written).toMatch(/^order-api {4}\[\d\d:\d\d:\d\d\] INFO: order placed \{"orderId":"o-1"\}\n$/);
  });

  it('passes through what is not JSON, and leaves out empty lines', () => {
    log.line('order-api', 'Error: boom');
    log.line('order-api', '');
    expect(written).toBe('order-api    Error: boom\n');
  });

  it('leaves out the requests of probes, and only those', () => {
    log.line('a', json({ method: 'GET', path: '/health/ready', status: 503, msg: 'request' }));
    log.line('a', json({ method: 'GET', path: '/metrics', status: 500, msg: 'request' }));
    expect(written).toBe('');
    log.line('a', json({ method: 'GET', path: '/orders/7', status: 404, msg: 'request' }));
    expect(written).toContain('/orders/7');
  });

  const err = {
    type: 'StoreUnavailableError',
    message: 'Redis is away',
    stack: 'StoreUnavailableError: Redis is away\n    at append',
    cause: { type: 'Error', message: 'connect ECONNREFUSED', stack: 'Error: …' },
  };

  it('shows a warning with its error on one line', () => {
    log.line('order-api', json({ level: 'warn', msg: 'waiting for Redis', err }));
    expect(written.split('\n')).toHaveLength(2);
    expect(written).toContain('WARN: waiting for Redis {"because":"Redis is away ← connect ECONNREFUSED"}');
  });

  it('leaves out a warning’s repetitions for ten seconds, and counts them', () => {
    const warn = (second: number) =>
      log.line(
        'billing',
        json({ level: 'warn', time: new Date(second * 1000).toISOString(), msg: 'away', err }),
      );
    for (const second of [0, 1, 9.9]) warn(second);
    expect(written.split('\n')).toHaveLength(2);
    warn(10);
    expect(written).toMatch(/away \{"because":"[^"]+","leftOut":2\}\n$/);
    written = '';
    warn(10.5);
    expect(written).toBe('');
    warn(21);
    expect(written).toContain('"leftOut":1');
  });

  it('shows a warning for each stream that is parked, with the stack', () => {
    const park = (stream: string, cause: string) =>
      log.line('billing', json({ level: 'warn', msg: 'parked', stream, cause, err }));
    for (const stream of ['order:1', 'order:2', 'order:2', 'order:3']) park(stream, 'poison');
    expect(written.match(/order:\d/g)).toEqual(['order:1', 'order:2', 'order:3']);
    expect(written.match(/at append/g)).toHaveLength(3);
    written = '';
    park('order:4', 'deferred');
    expect(written).not.toContain('at append');
  });

  it('shows the stack of an error', () => {
    log.line('order-api', json({ level: 'error', msg: 'failed', err }));
    expect(written).toContain('at append');
  });
});
