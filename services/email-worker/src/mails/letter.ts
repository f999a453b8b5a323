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
