import { describe, expect, it } from 'vitest';
import { scaleOf } from './scale.ts';

describe('a linear scale', () => {
  it('runs from zero in round steps to a tick beyond the highest value', () => {
    const scale = scaleOf('linear', [120, 256]);
    expect(scale.ticks).toEqual([0, 50, 100, 150, 200, 250, 300]);
    expect([0, 150, 300].map(scale.place)).toEqual([0, 0.5, 1]);
  });

  it('keeps ticks free of rounding errors', () => {
    expect(scaleOf('linear', [0.55]).ticks).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]);
  });

  it('goes below zero where values do', () => {
    const scale = scaleOf('linear', [-10, 20]);
    expect(scale.ticks).toEqual([-10, -5, 0, 5, 10, 15, 20]);
    expect(scale.place(-10)).toBe(0);
  });

  it.each([[[]], [[0, 0]]])('has an axis for %j', (values) => {
    const scale = scaleOf('linear', values);
    expect(scale.ticks.length).toBeGreaterThan(1);
    expect(scale.place(0)).toBe(0);
  });
});

describe('a logarithmic scale', () => {
  it('has a tick at each power of ten', () => {
    const scale = scaleOf('log', [10_000, 5_000_000]);
    expect(scale.ticks).toEqual([10_000, 100_000, 1_000_000]);
    expect(scale.place(10_000)).toBe(0);
    expect(scale.place(5_000_000)).toBeCloseTo(1);
    expect(scale.place(1_000_000) - scale.place(100_000)).toBeCloseTo(1 / Math.log10(500));
  });

  it('divides powers where there are too few of them', () => {
    expect(scaleOf('log', [0.3, 4]).ticks).toEqual([0.2, 0.5, 1, 2, 5]);
    expect(scaleOf('log', [3e-6, 9e-6]).ticks).toEqual([2e-6, 5e-6, 1e-5]);
  });

  it.each([[[]], [[0, -1]], [[7]], [[100]], [[0.001]]])('has an axis for %j', (values) => {
    const { ticks, place } = scaleOf('log', values);
    expect(ticks.length).toBeGreaterThan(1);
    expect(ticks.map(place).every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it('has room for all values, whatever their size', () => {
    for (let exponent = -9; exponent <= 12; exponent += 1) {
      const values = [1, 3, 9.99].map((n) => n * 10 ** exponent);
      const places = values.map(scaleOf('log', values).place);
      expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...places)).toBeLessThanOrEqual(1);
    }
  });
});
