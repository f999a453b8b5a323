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

/** What a mail says, before it is laid out. Any text in it may come from customers. */
export interface Letter {
  readonly subject: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  readonly items?: readonly LetterItem[];
  readonly facts: readonly Fact[];
  readonly closing: string;
}

export interface LetterItem {
  readonly name: string;
  readonly quantity: number;
  /** For one piece. */
  readonly price?: string;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

/** A fact, or none where there is nothing to tell. */
export function fact(label: string, value: string | undefined): readonly Fact[] {
  return value === undefined || value.trim() === '' ? [] : [{ label, value }];
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
