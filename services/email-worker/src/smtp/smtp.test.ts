import { kindOf } from '@headrace/consumer';
import { describe, expect, it } from 'vitest';
import { messageIdOf } from './message-id.ts';
import { domainOf, senderSetting } from './sender.ts';
import { smtpFailureOf, withoutAddresses } from './smtp-failures.ts';

const ANN = 'ann@example.com';

interface Fields {
  readonly code?: string;
  readonly responseCode?: number;
  readonly command?: string;
}
const failure = (fields: Fields, message = 'failed') => Object.assign(new Error(message), fields);

describe('smtpFailureOf', () => {
  it.each<[string, Fields, 'poison' | 'transient']>([
    ['a recipient refused', { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' }, 'poison'],
    ['content refused', { code: 'EMESSAGE', responseCode: 554, command: 'DATA' }, 'poison'],
    ['an address that cannot be one', { code: 'EENVELOPE', command: 'API' }, 'poison'],
    ['a mail too large', { code: 'EENVELOPE', responseCode: 552, command: 'MAIL FROM' }, 'poison'],
    ['a recipient put off', { code: 'EENVELOPE', responseCode: 450, command: 'RCPT TO' }, 'transient'],
    ['a session out of step', { code: 'EENVELOPE', responseCode: 503, command: 'RCPT TO' }, 'transient'],
    ['our sender refused', { code: 'EENVELOPE', responseCode: 550, command: 'MAIL FROM' }, 'transient'],
    ['a login refused', { code: 'EAUTH', responseCode: 535, command: 'AUTH PLAIN' }, 'transient'],
    ['no service here', { code: 'EPROTOCOL', responseCode: 554, command: 'CONN' }, 'transient'],
    ['no connection', { code: 'ESOCKET', command: 'CONN' }, 'transient'],
    ['no answer', { code: 'ETIMEDOUT', command: 'CONN' }, 'transient'],
    ['no name', { code: 'EDNS', command: 'CONN' }, 'transient'],
    ['an abort', { code: 'EABORT' }, 'transient'],
    ['a connection that breaks', { code: 'ECONNECTION', command: 'DATA' }, 'transient'],
    ['no TLS', { code: 'ETLS', command: 'STARTTLS' }, 'transient'],
    ['a mailbox that is busy', { responseCode: 451 }, 'transient'],
    ['a mailbox that does not exist', { responseCode: 550 }, 'poison'],
  ])('tells what to do about %s', (_what, fields, kind) => {
    expect(kindOf(smtpFailureOf(failure(fields), ANN))).toBe(kind);
  });

  it('blames the mail when the server refuses the extension that only its recipient needs', () => {
    const fields = { code: 'EENVELOPE', responseCode: 550, command: 'MAIL FROM' };
    expect(kindOf(smtpFailureOf(failure(fields), 'jörg@example.com'))).toBe('poison');
  });

  it('keeps the address out of the error, and leaves out the error that holds it', () => {
    const fields = { code: 'EENVELOPE', responseCode: 550, command: 'RCPT TO' };
    const error = smtpFailureOf(failure(fields, `550 5.1.1 <${ANN}>: unknown, ask hostmaster@mx.test`), ANN);
    expect(error).toMatchObject({ message: '550 5.1.1 <[address]>: unknown, ask [address]', reply: 550 });
    expect(error).not.toHaveProperty('cause');
  });

  it('hands on what did not come from the mail server', () => {
    const error = new TypeError('oops');
    expect(smtpFailureOf(error, ANN)).toBe(error);
  });
});

describe('withoutAddresses', () => {
  it('masks a recipient without a dot in its domain, and takes linear time', () => {
    expect(withoutAddresses('250 queued for root@localhost', 'root@localhost')).toBe(
      '250 queued for [address]',
    );
    const started = performance.now();
    withoutAddresses('a'.repeat(200_000), ANN);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('messageIdOf', () => {
  it('is the event id at the domain', () => {
    expect(messageIdOf('3-1732150000000-0', 'example.com')).toBe('<3-1732150000000-0@example.com>');
  });

  it('encodes what an address may not hold, and keeps different ids apart', () => {
    const odd = 'a b>\r\n(x).@"ü';
    expect(messageIdOf(odd, 'example.com')).toMatch(/^<[A-Za-z0-9%_~!*'-]+@example\.com>$/);
    expect(messageIdOf('a.b', 'example.com')).not.toBe(messageIdOf('a b', 'example.com'));
  });
});

describe('senderSetting', () => {
  it.each([
    ['shop@example.com', { name: '', address: 'shop@example.com' }],
    ['Shop <shop@example.com>', { name: 'Shop', address: 'shop@example.com' }],
    ['"Shop, Inc." <shop@example.com>', { name: 'Shop, Inc.', address: 'shop@example.com' }],
    ['<shop@localhost>', { name: '', address: 'shop@localhost' }],
  ])('reads %s', (text, sender) => {
    expect(senderSetting().parse(text)).toEqual(sender);
  });

  it.each(['shop', 'Shop <shop>', 'a@b.c, d@e.f', 'Shop <a@b.c> <d@e.f>', 'a@b@c', 'Shop\r\nBcc: x <a@b.c>'])(
    'refuses %j',
    (text) => {
      expect(senderSetting().safeParse(text).success).toBe(false);
    },
  );

  it('knows the domain', () => {
    expect(domainOf('shop@example.com')).toBe('example.com');
  });
});
