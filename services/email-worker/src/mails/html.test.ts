import { describe, expect, it } from 'vitest';
import { html } from './html.ts';

describe('html', () => {
  it('escapes everything that is interpolated, in content and in attributes', () => {
    const name = `<script>alert("x")</script> & 'co'`;
    expect(String(html`<b title="${name}">${name}</b>`)).toBe(
      '<b title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;">' +
        '&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#39;co&#39;</b>',
    );
  });

  it('keeps what is HTML already, alone or in a list, and escapes it only once', () => {
    const rows = ['a < b', 'c'].map((text) => html`<li>${text}</li>`);
    expect(String(html`<ul>${rows}</ul>${html`<br>`}`)).toBe('<ul><li>a &lt; b</li><li>c</li></ul><br>');
  });

  it('leaves absent values out and writes zero', () => {
    expect(String(html`[${undefined}|${0}]`)).toBe('[|0]');
  });
});
