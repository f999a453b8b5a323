import { expect, it } from 'vitest';
import { markup } from './markup.ts';

it('escapes what is put in, in text and in attributes', () => {
  expect(markup`<p title="${`"'`}">${'<script>&amp;'} ${5}</p>`.text).toBe(
    '<p title="&quot;&#39;">&lt;script&gt;&amp;amp; 5</p>',
  );
});

it('leaves markup as it is, alone and in lists', () => {
  const item = markup`<li>${'a & b'}</li>`;
  expect(markup`<ul>${[item, item]}</ul>${item}${[]}`.text).toBe(
    '<ul><li>a &amp; b</li><li>a &amp; b</li></ul><li>a &amp; b</li>',
  );
});

it('does not read escapes in what is put in', () => {
  expect(markup`${'\\u0041 $1'}`.text).toBe('\\u0041 $1');
});
