import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonFault, MAX_JSON_DEPTH } from './exact-json.ts';

describe('a JSON text', () => {
  it('is kept as it is where JSON.stringify wrote it, whatever it says', () => {
    const isKept = (text: string): boolean => jsonFault(text) === undefined;
    const anything = fc.jsonValue({ stringUnit: 'binary' });
    fc.assert(fc.property(anything, (value) => isKept(JSON.stringify(value))));
    fc.assert(fc.property(anything, (value) => isKept(JSON.stringify(value, null, 2))));
  });

  it.each([
    ['9007199254740992'],
    ['-9007199254740991'],
    ['0.30000000000000004'],
    ['1.0'],
    ['1.50'],
    ['100'],
    ['1e2'],
    ['1E+2'],
    ['10e-1'],
    ['1.7976931348623157e308'],
    ['5e-324'],
    ['0'],
    ['0.0'],
    ['0e9'],
  ])('may hold %s', (number) => {
    expect(jsonFault(`{"x":[${number}]}`)).toBeUndefined();
  });

  it.each([
    ['12345678901234567890', '12345678901234567000'],
    ['9007199254740993', '9007199254740992'],
    ['-9007199254740993', '-9007199254740992'],
    ['0.1234567890123456789', '0.12345678901234568'],
    ['1e999', 'null'],
    ['-1e999', 'null'],
    ['1e-400', '0'],
    ['-0', '0'],
    ['-0.0', '0'],
    ['1e99999999999999999999', 'null'],
  ])('may not hold %s, which would become %s', (number, kept) => {
    const message = `is a number that cannot be kept as it is: it would become ${kept}; send it as a string`;
    expect(jsonFault(`{"a":1,"x":[true,{"y":${number}}]}`)).toEqual({ path: 'x.1.y', message });
  });

  it('may not have two members of one name, however it is written', () => {
    const message = 'stands twice in its object';
    expect(jsonFault('{"a":{"x":1,"y":{"x":1},"x":2}}')).toEqual({ path: 'a.x', message });
    expect(jsonFault('[{"x":1},{"x":1}]')).toBeUndefined();
    expect(jsonFault('{"ab":1,"\\u0061b":1}')).toEqual({ path: 'ab', message });
    expect(jsonFault('{"__proto__":1,"__proto__":1}')).toMatchObject({ message });
  });

  it('may not hold half of a surrogate pair, in a value or a name', () => {
    const message = 'holds half of a surrogate pair';
    expect(jsonFault('{"x":"a\\ud800b"}')).toEqual({ path: 'x', message });
    expect(jsonFault('{"\\udc00":1}')).toMatchObject({ message });
    expect(jsonFault('{"x":"\\ud83d\\ude00 \\\\ud800"}')).toBeUndefined();
  });

  it('is not fooled by quotes and brackets in strings', () => {
    expect(jsonFault('{"x":"\\\\","y":"\\"}[-0,","x":"-0"}')).toMatchObject({ path: 'x' });
    expect(jsonFault('{"x":"\\\\","y":"\\"}[-0,"}')).toBeUndefined();
  });

  it('may be nested so deeply and no deeper', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(jsonFault(nested(MAX_JSON_DEPTH))).toBeUndefined();
    expect(jsonFault(nested(MAX_JSON_DEPTH + 1))?.message).toBe('is nested more than 128 deep');
    expect(jsonFault(nested(200_000))?.message).toBe('is nested more than 128 deep');
  });
});
