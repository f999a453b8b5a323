import { createReadStream } from 'node:fs';

/**
 * The lines of a UTF-8 text file, which end with a line feed, or a carriage return before it, and with nothing else;
 * without a byte order mark at the beginning.
 * @throws Error for a line that is not UTF-8
 */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let line = 1;
  const decode = (bytes?: Buffer): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (error) {
      throw new Error(`${file} is not UTF-8, at line ${line} or behind it`, { cause: error });
    }
  };
  for await (const bytes of createReadStream(file)) {
    const lines = `${rest}${decode(bytes as Buffer)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) {
      line += 1;
      yield text.replace(/\r$/, '');
    }
  }
  rest += decode();
  if (rest !== '') yield rest;
}
