import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { mapKnownError } from './problem-map.ts';
import { PACKAGE_RULES } from './problem-rules.ts';

const packages = fileURLToPath(new URL('../../..', import.meta.url));

/** Every `code` that an error class of these packages has, so that no new one is forgotten. */
const codes = globSync('{event-schema,event-store,consumer}/src/**/*.ts', { cwd: packages })
  .filter((file) => !file.endsWith('.test.ts'))
  .flatMap((file) => [...readFileSync(`${packages}/${file}`, 'utf8').matchAll(/\bcode = '([A-Z_]+)'/g)])
  .map((match) => match[1] ?? '');

/** Codes that no request meets, and why. */
const NEVER_ANSWERED: Readonly<Record<string, string>> = {
  DEADLINE_EXCEEDED: 'each caller of `within` says what it means to be late',
  INVALID_CATEGORY: 'whoever defines such a category meets it when the process starts',
  REPLY_LOST: 'the store turns it into what became of the command',
  FENCED: 'a consumer meets it in its own loop',
  DIVERGED: 'a consumer meets it in its own loop',
};

/** Codes that a function maps, because a rule is not enough. */
const MAPPED_BY_HAND = ['WRONG_EXPECTED_VERSION', 'CONTRACT_VIOLATION', 'IMPORT_FAILED'];

describe('errors of the shared packages', () => {
  it('are found in their sources', () => {
    expect(codes).toEqual(expect.arrayContaining(['STORE_UNAVAILABLE', 'IMPORT_FAILED', 'FENCED']));
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(codes.filter((code) => !(code in NEVER_ANSWERED)))('%s has its own problem', (code) => {
    const error = Object.assign(new Error('internal words'), { code });
    const found = mapKnownError(error, { hasIfMatch: false });
    expect(found?.type).toBe(`/problems/${code.toLowerCase().replaceAll('_', '-')}`);
    const toldOfServerFailure =
      (found?.status ?? 0) >= 500 && JSON.stringify(found).includes('internal words');
    expect(toldOfServerFailure).toBe(false);
  });

  it('have no rule for a code that is none', () => {
    const known = new Set(codes);
    const named = [...Object.keys(PACKAGE_RULES), ...MAPPED_BY_HAND, ...Object.keys(NEVER_ANSWERED)];
    expect(named.filter((code) => !known.has(code))).toEqual([]);
  });
});
