import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from './load-config.ts';

const dir = mkdtempSync(`${tmpdir()}/headrace-secrets-`);
afterAll(() => rmSync(dir, { recursive: true }));

function file(name: string, content: string): string {
  const path = `${dir}/${name}`;
  writeFileSync(path, content);
  return path;
}

const schema = z.object({ DATABASE_URL: z.string().optional(), API_KEY: z.string().optional() });

describe('secrets', () => {
  it('are read from the file that NAME_FILE names, without the line end', () => {
    expect(loadConfig(schema, { API_KEY_FILE: file('key', 's3cret\n') }).API_KEY).toBe('s3cret');
  });

  it.each(['plain', 'with @:/?#% and ü', '%41'])('put the password %s into its URL', (password) => {
    const { DATABASE_URL } = loadConfig(schema, {
      DATABASE_URL: 'postgres://billing@db:5432/headrace',
      DATABASE_PASSWORD_FILE: file('password', password),
    });
    const url = new URL(DATABASE_URL ?? '');
    expect([decodeURIComponent(url.password), url.username, url.host]).toEqual([
      password,
      'billing',
      'db:5432',
    ]);
  });

  it.each([
    [
      'a file that is not there',
      { API_KEY_FILE: '/nowhere/key' },
      /API_KEY_FILE: cannot be read from .*ENOENT/,
    ],
    ['an empty file', { API_KEY_FILE: file('empty', ' \n') }, /API_KEY_FILE: names an empty file/],
    [
      'a value and a file',
      { API_KEY: 'x', API_KEY_FILE: file('two', 'y') },
      /API_KEY_FILE: is set beside API_KEY/,
    ],
    ['a password without its URL', { DATABASE_PASSWORD: 'hush' }, /DATABASE_PASSWORD: needs a DATABASE_URL/],
    [
      'a password for a URL without a host',
      { DATABASE_URL: 'postgres:///db?host=/run', DATABASE_PASSWORD: 'hush' },
      /DATABASE_PASSWORD: needs a DATABASE_URL with a host/,
    ],
    [
      'a password for what is no URL',
      { DATABASE_URL: 'db:5432', DATABASE_PASSWORD: 'hush' },
      /DATABASE_PASSWORD: needs a DATABASE_URL with a host/,
    ],
  ])('refuse %s', (_, env, message) => {
    expect(() => loadConfig(schema, env)).toThrow(message);
    expect(() => loadConfig(schema, env)).not.toThrow(/hush/);
  });
});
