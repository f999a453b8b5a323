import { readFileSync } from 'node:fs';
import { projectDir } from '@headrace/local';

/** A code block of a page that follows a mark: `<!-- file stock.ts -->`. */
export interface MarkedBlock {
  /** What stands in the mark: `file stock.ts`. */
  readonly mark: string;
  readonly code: string;
}

/** @param path from the project's folder: `docs/delivery.md` */
export function readPage(path: string): string {
  return readFileSync(`${projectDir}/${path}`, 'utf8');
}

/** The marked code blocks of a page, from top to bottom. */
export function markedBlocks(path: string): readonly MarkedBlock[] {
  const blocks = readPage(path).matchAll(/<!-- (.+?) -->\n+```\w+\n(.*?)```/gs);
  return [...blocks].map(([, mark = '', code = '']) => ({ mark, code }));
}

/** The code of the only block with this mark. @throws where a page has none, or several */
export function markedBlock(path: string, mark: string): string {
  const [block, ...others] = markedBlocks(path).filter((marked) => marked.mark === mark);
  if (block === undefined || others.length > 0) throw new Error(`${path} needs one block "${mark}".`);
  return block.code;
}

/** The text below each heading `## …` of a page, up to the next one. */
export function sectionsOf(path: string): ReadonlyMap<string, string> {
  const sections = readPage(path).split(/^## /m).slice(1);
  return new Map(sections.map((text) => [text.slice(0, text.indexOf('\n')), text]));
}
