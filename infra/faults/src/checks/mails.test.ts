import { describe, expect, it } from 'vitest';
import { LEASE_MS, STARTED_AT, soundEvidence } from '../../test/support/sound-evidence.ts';
import { found, shorter } from '../../test/support/violations.ts';
import type { Injected } from '../inject/inject.ts';
import type { Fault } from '../plan/faults.ts';

describe('mails', () => {
  const { inbox, mailRecords } = soundEvidence;
  const twice = [...inbox, ...inbox.slice(0, 1)];
  const fault = (one: Fault, fromMs: number, lastsMs: number, hits = 1): readonly Injected[] => [
    { fault: { ...one, atMs: 0 }, from: STARTED_AT + fromMs, until: STARTED_AT + fromMs + lastsMs, hits },
  ];

  it('must not be lost, nor go to somebody else, nor be about nothing', () => {
    expect(found({ inbox: shorter(inbox) }).join()).toContain('is lost');
    expect(found({ inbox: inbox.map((mail) => ({ ...mail, to: 'eve@example.com' })) })).toHaveLength(5);
    expect(found({ inbox: [...inbox, { messageId: 'x', to: 'ann@example.com' }] })).toHaveLength(1);
    expect(found({ mailRecords: shorter(mailRecords) }).join()).toContain('mail never handled');
    expect(found({ mailRecords: mailRecords.toReversed() }).join()).toContain('after version');
  });

  it('may come twice only where a fault hit the sending', () => {
    const kill: Fault = { kind: 'kill', target: 'email-worker-1', forMs: 100 };
    expect(found({ inbox: twice }).join()).toContain('came 2 times');
    expect(found({ inbox: twice, injected: fault(kill, -100, 2_000) })).toEqual([]);
    expect(found({ inbox: twice, injected: fault(kill, 60_000, 2_000) })).toHaveLength(1);
    expect(found({ inbox: twice, injected: fault({ ...kill, target: 'order-api-1' }, 0, 100) })).toHaveLength(
      1,
    );
  });

  it('may come twice when the sender’s lease ran out, and not for less', () => {
    const stop: Fault = { kind: 'stop', target: 'email-worker-2', forMs: 100 };
    expect(found({ inbox: twice, injected: fault(stop, 0, LEASE_MS) })).toEqual([]);
    expect(found({ inbox: twice, injected: fault(stop, 0, 500) })).toHaveLength(1);
    const still = { from: STARTED_AT, until: STARTED_AT + LEASE_MS };
    expect(found({ inbox: twice, stalls: [still] })).toEqual([]);
    expect(found({ inbox: twice, stalls: [{ ...still, until: STARTED_AT + 500 }] })).toHaveLength(1);
    const planted: Fault = { kind: 'stand-still', forMs: LEASE_MS };
    expect(found({ inbox: twice, injected: fault(planted, 0, LEASE_MS), stalls: [still] })).toEqual([]);
    const cutOff: Fault = { kind: 'cut', target: 'email-worker-2', server: 'redis' };
    expect(found({ inbox: twice, injected: fault(cutOff, 0, 10) })).toHaveLength(1);
  });

  it('may come as often again as the server’s answers were lost', () => {
    const drop: Fault = { kind: 'drop-replies', target: 'email-worker-1', server: 'smtp', times: 3 };
    const thrice = [...twice, ...inbox.slice(0, 1)];
    expect(found({ inbox: thrice, injected: fault(drop, 0, 100, 2) })).toEqual([]);
    expect(found({ inbox: thrice, injected: fault(drop, 0, 100, 1) })).toHaveLength(1);
  });
});

describe('a stop of everything', () => {
  const planted: Fault = { kind: 'stand-still', forMs: LEASE_MS };
  const from = STARTED_AT;
  const injected = [{ fault: { ...planted, atMs: 0 }, from, until: from + LEASE_MS + 40, hits: 1 }];
  const { inbox } = soundEvidence;

  it('must be seen by the watch, whole', () => {
    const seen = { from: from - 50, until: from + LEASE_MS + 20 };
    expect(found({ injected, stalls: [seen] })).toEqual([]);
    expect(found({ injected, stalls: [{ ...seen, until: from + 900 }] }).join()).toContain('has seen 900 ms');
    expect(found({ injected, stalls: [] }).join()).toContain('has seen 0 ms');
  });

  it('excuses no second mail that the watch knows nothing of', () => {
    const twice = [...inbox, ...inbox.slice(0, 1)];
    expect(found({ injected, stalls: [], inbox: twice }).join()).toContain('came 2 times');
  });
});
