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

  it('leaves out both lines of a probe, and only of a probe', () => {
    log.line('a', json({ reqId: 'r1', req: { url: '/health/ready' }, msg: 'incoming request' }));
    log.line('a', json({ reqId: 'r1', res: { statusCode: 200 }, msg: 'request completed' }));
    expect(written).toBe('');
    log.line('a', json({ reqId: 'r2', req: { url: '/orders' }, msg: 'incoming request' }));
    expect(written).toContain('incoming request');
  });
});
