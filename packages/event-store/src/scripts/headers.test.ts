import { readdirSync, readFileSync } from 'node:fs';
import { headerProblems } from '@headrace/test-kit';
import { describe, expect, it } from 'vitest';
import { loadScript } from './script.ts';
import { scripts } from './store-scripts.ts';

const names = readdirSync(new URL('.', import.meta.url))
  .filter((file) => file.endsWith('.lua'))
  .map((file) => file.slice(0, -'.lua'.length));
const sourceOf = (name: string): string => readFileSync(new URL(`./${name}.lua`, import.meta.url), 'utf8');

describe('every script', () => {
  it.each(names)('%s does what its header says', (name) => {
    expect(headerProblems(name, sourceOf(name))).toEqual([]);
  });

  it('is known by its name, and knows its number of keys', () => {
    const known = Object.values(scripts);
    expect(known.map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const { name, keys } of known) expect(name.endsWith(`-${keys}`)).toBe(true);
    expect(loadScript('append-n', import.meta.url)).toMatchObject({ keys: 'n', sha: scripts.append.sha });
  });
});

describe('a header that rots', () => {
  const good = sourceOf('save-snapshot-2');
  it.each([
    ['names a key that the body never reads', '-- KEYS[2] index', '-- KEYS[3] other  hash\n-- KEYS[2] index'],
    ['leaves an argument out', /-- ARGV\[4\].*\n/, ''],
    ['leaves an effect out', 'HSET, HDEL;', 'HSET;'],
    ['claims an effect', 'HSET, HDEL;', 'HSET, HDEL, DEL;'],
    ['leaves a status out', "{ 'saved' } | ", ''],
    ['claims a status', "{ 'saved' } | ", "{ 'saved' } | { 'lost' } | "],
    ['claims to write nothing', '#!lua\n', '#!lua flags=no-writes\n'],
    ['binds an argument in vain', '#kept - keep', '#kept - 3'],
    ['uses a key by its number', "'HSET', snapshots", "'HSET', KEYS[1]"],
  ])('%s is found', (_, from, to) => {
    const rotten = good.replace(from, to);
    expect(rotten).not.toBe(good);
    expect(headerProblems('save-snapshot-2', rotten)).not.toEqual([]);
  });

  const plain = [
    '#!lua',
    '-- Removes all that is named.',
    '--',
    '-- KEYS[1] names  set',
    '-- ARGV[1…] names',
    '--',
    "-- Returns 'removed' |",
    "--         'nothing'",
    '-- Effects SREM.',
    'local names = KEYS[1]',
    "if #ARGV == 0 then return 'nothing' end",
    "redis.call('SREM', names, unpack(ARGV, 1))",
    "return 'removed'",
  ].join('\n');
  it.each([
    ['leaves a plain status out', " |\n--         'nothing'", ''],
    ['claims a plain status', "'removed' |", "'lost' | 'removed' |"],
    ['claims arguments to the end', /#ARGV == 0|unpack\(ARGV, 1\)/g, '1'],
  ])('%s is found', (_, from, to) => {
    expect(headerProblems('remove-1', plain)).toEqual([]);
    expect(headerProblems('remove-1', plain.replace(from, to))).not.toEqual([]);
  });

  it('is found where the file’s name counts other keys', () => {
    expect(headerProblems('save-snapshot-3', good)).toHaveLength(1);
  });
});
