import type { OrderEvent } from '@headrace/shop';
import { describe, expect, it } from 'vitest';
import { billed, orderEvents } from '../../test/order-events.ts';
import { cancelOverdue } from './commands.ts';
import { dueAtOf, parseDeadlineMs } from './deadline.ts';
import type { Placed } from './events.ts';

const AN_HOUR = { afterMs: 3_600_000 };
const seenAt = new Date('2026-01-20T10:00:00.000Z');

function placed(event: OrderEvent, occurredAt: string, recordedAt: string): Placed {
  const [found] = billed([event]);
  if (found?.type !== 'OrderPlaced') throw new Error('unreachable');
  return { ...found, occurredAt, recordedAt };
}

describe('the end of a deadline', () => {
  const order = orderEvents();
  const at = '2026-01-20T09:30:00.000Z';

  it('counts from when billing sees the order, however far behind billing is', () => {
    expect(dueAtOf(placed(order.placed(), at, at), AN_HOUR, seenAt)).toBe('2026-01-20T11:00:00.000Z');
    const longAgo = '2025-01-20T09:30:00.000Z';
    expect(dueAtOf(placed(order.placed(), longAgo, longAgo), AN_HOUR, seenAt)).toBe(
      '2026-01-20T11:00:00.000Z',
    );
  });

  it('is none for an order that was late already when it was recorded', () => {
    expect(dueAtOf(placed(order.placed(), '2026-01-20T08:29:59.999Z', at), AN_HOUR, seenAt)).toBeUndefined();
    expect(dueAtOf(placed(order.placed(), '2026-01-20T08:30:00.000Z', at), AN_HOUR, seenAt)).toBeDefined();
  });

  it('is none for orders on account, for free ones, and unless it is set', () => {
    expect(dueAtOf(placed(order.placed('on_account'), at, at), AN_HOUR, seenAt)).toBeUndefined();
    expect(dueAtOf(placed(orderEvents('o-1', 0).placed(), at, at), AN_HOUR, seenAt)).toBeUndefined();
    expect(dueAtOf(placed(order.placed(), at, at), {}, seenAt)).toBeUndefined();
  });
});

describe('a deadline as operators write it', () => {
  it.each([
    ['30', 1_800_000],
    ['PT30M', 1_800_000],
    ['PT1H30M', 5_400_000],
    ['P3D', 259_200_000],
    ['P1DT12H', 129_600_000],
    ['P2W', 1_209_600_000],
    ['PT45S', 45_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDeadlineMs(text)).toBe(ms);
  });

  it.each(['0', 'PT0S', 'P', 'PT', 'P1M', 'P1Y', '1.5', '-5', 'soon', 'PT1H1D', 'P9999D', ''])(
    '%j is none',
    (text) => {
      expect(parseDeadlineMs(text)).toBeUndefined();
    },
  );
});

describe('the command that cancels an overdue order', () => {
  const overdue = {
    stream: 'order:o-1',
    dueAt: '2026-01-15T15:00:00.000Z',
    issuedBy: { eventId: 'imported-1', position: '3-1768485600000-0' },
    correlationId: 'c-1',
  };

  it('yields to a payment, and is caused by the placing', () => {
    expect(cancelOverdue(overdue)).toEqual({
      key: 'payment-deadline:o-1',
      category: 'order',
      stream: 'order:o-1',
      command: {
        type: 'CancelOrder',
        data: {
          orderId: 'o-1',
          reason: 'not paid by 2026-01-15T15:00:00.000Z',
          userId: 'billing',
          onlyIfUnpaid: true,
        },
      },
      meta: {
        actor: 'billing',
        cause: '3-1768485600000-0',
        causationId: 'imported-1',
        correlationId: 'c-1',
      },
    });
  });

  it('names the order by the id that leads to its stream', () => {
    expect(cancelOverdue({ ...overdue, stream: 'order-1' })).toMatchObject({
      key: 'payment-deadline:order-1',
      command: { data: { orderId: 'order-1' } },
    });
  });
});
