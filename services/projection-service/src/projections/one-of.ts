import { type Column, column } from '@headrace/projections';
import type { z } from 'zod';

/** A text column that holds one of a few words; anything else is a bug, and refused before it is stored. */
export function oneOf<Word extends string>(words: z.ZodType<Word>): Column<Word> {
  return { ...column.text, canonical: (value) => words.parse(value) };
}
