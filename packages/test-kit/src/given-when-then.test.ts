import { describe, expect, it } from 'vitest';
import { decider } from './given-when-then.ts';

class AlreadyOffError extends Error {
  readonly code = 'ALREADY_OFF';
  readonly lamp = 'kitchen';
}

type LampEvent = { readonly type: 'SwitchedOn' } | { readonly type: 'SwitchedOff' };

const lamp = decider({
  initialState: { on: false, switches: 0 },
  evolve: (state, event: LampEvent) => ({ on: event.type === 'SwitchedOn', switches: state.switches + 1 }),
  decide: (command: 'on' | 'off', state): LampEvent[] => {
    if (command === 'on') return state.on ? [] : [{ type: 'SwitchedOn' }];
    if (!state.on) throw new AlreadyOffError('The lamp is off.');
    return [{ type: 'SwitchedOff' }];
  },
});

describe('decider', () => {
  it('folds what is given, decides and compares the events', () => {
    lamp
      .given()
      .when('on')
      .then([{ type: 'SwitchedOn' }]);
    lamp.given({ type: 'SwitchedOn' }).when('off').then({ type: 'SwitchedOff' });
    lamp
      .given([{ type: 'SwitchedOn' }])
      .when('on')
      .then();
  });

  it('fails when other events are decided', () => {
    expect(() => lamp.given().when('on').then()).toThrow();
    expect(() => lamp.given().when('on').then({ type: 'SwitchedOff' })).toThrow();
  });

  it('compares the state that the decision leads to', () => {
    lamp.given({ type: 'SwitchedOn' }).when('off').thenState({ on: false, switches: 2 });
    expect(() => lamp.given().when('on').thenState({ on: false })).toThrow();
  });

  it('expects a refusal by its code and properties', () => {
    const error = lamp.given().when('off').thenRejects('ALREADY_OFF', { lamp: 'kitchen' });
    expect(error).toBeInstanceOf(AlreadyOffError);
    expect(() => lamp.given().when('off').thenRejects('OTHER_CODE')).toThrow();
  });

  it('fails when a command that should be refused is not', () => {
    expect(() => lamp.given().when('on').thenRejects('ALREADY_OFF')).toThrow(/led to \[.*SwitchedOn/);
  });
});
