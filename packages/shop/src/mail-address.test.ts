import { describe, expect, it } from 'vitest';
import { emailSchema } from './fields.ts';
import { isMailAddress } from './mail-address.ts';

const label = 'a'.repeat(63);

describe('isMailAddress', () => {
  it.each([
    'ada@example.com',
    'ada.tracer+orders@mail.example.co.uk',
    "!#$%&'*+-/=?^_`{|}~@example.com",
    'root@localhost',
    'jörg@müller.example',
    'ada@xn--mller-kva.example',
    'a@3m.example',
    `${'a'.repeat(64)}@${label}.example`,
  ])('takes %s', (address) => {
    expect(isMailAddress(address)).toBe(true);
    expect(emailSchema.safeParse(address).success).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['no @', 'example.com'],
    ['nobody', '@example.com'],
    ['nowhere', 'ada@'],
    ['two @', 'ada@home@example.com'],
    ['two dots', 'a..b@example.com'],
    ['a dot in front', '.ada@example.com'],
    ['a dot behind', 'ada.@example.com'],
    ['two dots in the domain', 'a@b..c'],
    ['a dot before the domain', 'a@.example.com'],
    ['a dot behind the domain', 'a@example.com.'],
    ['wildcards', '*@*'],
    ['signs for a domain', '?=@=?'],
    ['an underscore in the domain', 'a@ex_ample.com'],
    ['a label that begins with a hyphen', 'a@-example.com'],
    ['a label that ends with a hyphen', 'a@example-.com'],
    ['an IPv4 address', 'a@127.0.0.1'],
    ['an address literal', 'a@[127.0.0.1]'],
    ['a quoted local part', '"ada l"@example.com'],
    ['a list', 'a@example.com,b@example.com'],
    ['a name', 'Ada <ada@example.com>'],
    ['a header', 'a@example.com\r\nBcc: b@example.com'],
    ['a zero width space', 'a\u200bb@example.com'],
    ['half of a surrogate pair', 'a\ud800@example.com'],
    ['punycode of nothing', 'a@xn--99zzzz9999999999zzzzzzz.example'],
    ['a local part of 65', `${'a'.repeat(65)}@example.com`],
    ['a label of 64', `a@${label}a.example`],
    ['more than 253', `${'a'.repeat(62)}@${label}.${label}.${label}`],
  ])('refuses %s: %j', (_what, address) => {
    expect(isMailAddress(address)).toBe(false);
    expect(emailSchema.safeParse(address).success).toBe(false);
  });

  it('takes linear time', () => {
    const started = performance.now();
    for (const text of ['a.', 'a', '-', '.', 'ä.']) isMailAddress(`${text.repeat(100_000)}@x`);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
