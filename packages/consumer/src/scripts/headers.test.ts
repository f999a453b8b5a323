import { readdirSync, readFileSync } from 'node:fs';
import { headerProblems } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { scripts } from './index.ts';

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.lua'))
  .map((file) => file.slice(0, -'.lua'.length));

describe('every script of the runtime', () => {
  it.each(names)('%s does what its header says', (name) => {
    const source = readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
    expect(headerProblems(name, source)).toEqual([]);
  });

  it.each(names)('%s goes on when Redis is full: only then does it ever get emptier', (name) => {
    const source = readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');
    expect(source.split('\n')[0]).toBe('#!lua flags=allow-oom');
  });

  it('is loaded, and nothing else', () => {
    const loaded = Object.values(scripts).map(({ name }) => name);
    expect(loaded.sort()).toEqual([...names].sort());
  });
});
