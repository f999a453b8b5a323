import { describe, expect, it } from 'vitest';
import { cancelOverdue } from './commands.ts';
import { parseDeadlineMs } from './deadline.ts';

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
    orderId: 'o-1',
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

  it('names the stream where the order id does not lead to it', () => {
    expect(cancelOverdue({ ...overdue, stream: 'order-1' })).toMatchObject({
      key: 'payment-deadline:order-1',
      command: { data: { orderId: 'order-1' } },
    });
  });
});
