import { existsSync, globSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectDir } from '@headrace/local';
import { describe, expect, it } from 'vitest';
import { readPage } from './support/documents.ts';

const pages = globSync(['*.md', 'docs/**/*.md', 'bench/*.md'], { cwd: projectDir });

/** The relative links of a page, without code. */
function linksOf(page: string): readonly string[] {
  const prose = readPage(page)
    .replace(/^```.*?^```/gms, '')
    .replace(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors of a page's headings, as GitHub makes them. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = readPage(page)
    .replace(/^```.*?^```/gms, '')
    .matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N}_ -]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The file that a link leads to, from the project's folder. */
function fileOf(page: string, link: string): string {
  const [path = ''] = link.split('#');
  return path === '' ? page : join(dirname(page), path);
}

function isBroken(page: string, link: string): boolean {
  const file = fileOf(page, link);
  if (!existsSync(join(projectDir, file))) return true;
  const anchor = link.split('#')[1];
  return anchor !== undefined && !anchorsOf(file).has(anchor);
}

describe('the links', () => {
  it.each(pages)('of %s lead to files and headings that exist', (page) => {
    expect(linksOf(page).filter((link) => isBroken(page, link))).toEqual([]);
  });

  it('of the README lead to every page of docs', () => {
    const linked = linksOf('README.md').map((link) => fileOf('README.md', link));
    const guides = pages.filter((page) => dirname(page) === 'docs');
    expect(guides.length).toBeGreaterThan(8);
    expect(linked).toEqual(expect.arrayContaining(guides));
  });
});
