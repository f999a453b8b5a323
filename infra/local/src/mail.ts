import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { requireFreePort } from './ports.ts';
import { startChild } from './processes.ts';
import { type LocalServer, serverOf } from './server.ts';
import { Supervised } from './supervised.ts';
import { waitUntil } from './waiting.ts';

export interface MailOptions {
  /** Keeps the mails over restarts. */
  readonly dir: string;
  readonly smtpPort: number;
  readonly webPort: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly restartUnasked?: boolean;
  readonly onLine?: (line: string) => void;
  readonly onMessage?: (message: string) => void;
}

/** A mail server that delivers to nobody and shows what it got; `url` is `smtp://…`. */
export interface MailServer extends LocalServer {
  /** The inbox's web page, and the base of its REST interface (`GET /email`). Undefined for an external server. */
  readonly webUrl: string | undefined;
}

/** Starts maildev on loopback. Resolves when its web page answers. */
export async function startMail(options: MailOptions): Promise<MailServer> {
  const env = options.env ?? process.env;
  await mkdir(options.dir, { recursive: true });
  await requireFreePort(options.smtpPort, 'the mail server', 'MAIL_SMTP_PORT');
  await requireFreePort(options.webPort, 'the mail inbox', 'MAIL_WEB_PORT');
  const webUrl = `http://127.0.0.1:${options.webPort}`;
  const supervised = new Supervised({
    name: 'Mail server',
    launch: () =>
      startChild({
        name: 'Mail server',
        command: process.execPath,
        args: maildevArgs(options),
        env: { ...env, NODE_OPTIONS: '' },
        ...(options.onLine ? { onLine: options.onLine } : {}),
      }),
    ready: (child, signal) =>
      waitUntil(() => answers(`${webUrl}/email`), {
        what: 'The mail server',
        timeoutMs: 30_000,
        child,
        signal,
      }),
    stopTimeoutMs: 5000,
    restartUnasked: options.restartUnasked ?? false,
    ...(options.onMessage ? { onMessage: options.onMessage } : {}),
  });
  await supervised.start();
  const server = serverOf(supervised, `smtp://127.0.0.1:${options.smtpPort}`, options.smtpPort);
  // Not spread: the server's pid is a getter.
  return Object.assign(server, { webUrl });
}

function maildevArgs(options: MailOptions): string[] {
  const require = createRequire(import.meta.url);
  const program = `${dirname(require.resolve('maildev/package.json'))}/bin/maildev`;
  return [
    program,
    ...['--ip', '127.0.0.1', '--smtp', String(options.smtpPort)],
    ...['--web-ip', '127.0.0.1', '--web', String(options.webPort)],
    ...['--mail-directory', options.dir],
  ];
}

async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}
