import type { Letter } from './letter.ts';
import { renderHtml } from './letter-html.ts';
import { renderText } from './letter-text.ts';
import { oneLine } from './plain-text.ts';

/** A mail's content, ready to be sent. */
export interface Mail {
  /** One line. */
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Lays a letter out as plain text and as HTML; both say the same. */
export function mailOf(letter: Letter): Mail {
  const clean = cleaned(letter);
  return { subject: clean.subject, text: renderText(clean), html: renderHtml(clean) };
}

function cleaned(letter: Letter): Required<Letter> {
  return {
    subject: oneLine(letter.subject),
    title: oneLine(letter.title),
    paragraphs: letter.paragraphs.map(oneLine),
    items: (letter.items ?? []).map((item) => ({ ...item, name: oneLine(item.name) })),
    facts: letter.facts.map(({ label, value }) => ({ label, value: oneLine(value) })),
    closing: oneLine(letter.closing),
  };
}
