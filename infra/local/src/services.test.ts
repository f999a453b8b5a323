import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { planInstances, services } from './services.ts';

const entry = fileURLToPath(import.meta.url);
const table = [
  { name: 'api', portOffset: 0, entry },
  { name: 'mailer', portOffset: 3, entry },
];

describe('planInstances', () => {
  it('gives every service its published port', () => {
    const ports = planInstances(table, { portBase: 3000 }).map(({ id, port }) => [id, port]);
    expect(ports).toEqual([
      ['api', 3000],
      ['mailer', 3003],
    ]);
  });

  it('gives the published port to the first of several instances, and free ones to the others', () => {
    const plan = planInstances(table, { portBase: 3000, only: ['mailer'], scale: { mailer: 3 } });
    expect(plan.map(({ id, port }) => [id, port])).toEqual([
      ['mailer-1', 3003],
      ['mailer-2', undefined],
      ['mailer-3', undefined],
    ]);
  });

  it('runs nothing for an empty list', () => {
    expect(planInstances(table, { portBase: 3000, only: [] })).toEqual([]);
  });

  it.each([{ only: ['nobody'] }, { scale: { nobody: 2 } }])(
    'names the services when one is unknown: %j',
    (options) => {
      expect(() => planInstances(table, { portBase: 3000, ...options })).toThrow(
        'There is no service "nobody". Services: api, mailer.',
      );
    },
  );

  it('says which file is missing', () => {
    const missing = [{ name: 'ghost', portOffset: 0, entry: '/nowhere/main.ts' }];
    expect(() => planInstances(missing, { portBase: 3000 })).toThrow('/nowhere/main.ts');
  });
});

describe('services', () => {
  it('have names and ports of their own', () => {
    expect(new Set(services.map(({ name }) => name)).size).toBe(services.length);
    expect(new Set(services.map(({ portOffset }) => portOffset)).size).toBe(services.length);
  });
});
