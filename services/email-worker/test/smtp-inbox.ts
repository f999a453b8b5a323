import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail as the server received it. */
export interface ReceivedMail {
  readonly to: readonly string[];
  /** By name in lower case, unfolded; of several only the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** How often each header name occurs. */
  readonly headerCounts: ReadonlyMap<string, number>;
  /** Both bodies, decoded as far as ASCII needs it. */
  readonly body: string;
}

/** A real SMTP server that keeps what it gets. */
export interface SmtpInbox {
  readonly url: string;
  /** In the order of acceptance. */
  readonly mails: readonly ReceivedMail[];
  mailsTo(address: string): readonly ReceivedMail[];
  /** Recipients answered with a reply code, such as 550. */
  readonly refused: Map<string, number>;
  /** Called with each mail that is about to be accepted; the answer waits for it. */
  beforeAccepting: (mail: ReceivedMail) => Promise<void>;
  close(): Promise<void>;
}

/** Starts the server on a free loopback port. */
export async function startSmtpInbox(): Promise<SmtpInbox> {
  const mails: ReceivedMail[] = [];
  const refused = new Map<string, number>();
  const inbox = { beforeAccepting: async (_mail: ReceivedMail): Promise<void> => undefined };

  async function receive(stream: Readable, to: readonly string[]): Promise<void> {
    const mail = parsed(await text(stream), to);
    await inbox.beforeAccepting(mail);
    mails.push(mail);
  }

  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    closeTimeout: 100,
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      const responseCode = refused.get(address);
      if (responseCode === undefined) return done();
      done(Object.assign(new Error(`<${address}>: not wanted here`), { responseCode }));
    },
    onData: (stream, { envelope }, done) => {
      receive(
        stream,
        envelope.rcptTo.map(({ address }) => address),
      ).then(() => done(), done);
    },
  });
  // connections that are cut by tests
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as { port: number };
  return Object.assign(inbox, {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refused,
    mailsTo: (address: string) => mails.filter(({ to }) => to.includes(address)),
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  });
}

function parsed(raw: string, to: readonly string[]): ReceivedMail {
  const split = raw.indexOf('\r\n\r\n');
  const lines = raw
    .slice(0, split)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = new Map<string, string>();
  const headerCounts = new Map<string, number>();
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(':')).toLowerCase();
    headers.set(name, line.slice(line.indexOf(':') + 1).trim());
    headerCounts.set(name, (headerCounts.get(name) ?? 0) + 1);
  }
  const body = raw
    .slice(split)
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_match, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { to, headers, headerCounts, body };
}
