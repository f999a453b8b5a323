import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { requireFreePort } from '../ports.ts';
import { ManagedProcess, type ProcessCallbacks } from '../processes/managed-process.ts';
import type { LocalServer } from './local-server.ts';

export interface MailOptions extends ProcessCallbacks {
  /** Keeps the mails over restarts. */
  readonly dir: string;
  readonly smtpPort: number;
  readonly webPort: number;
  /** Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A mail server that shows what it got and delivers nothing; `url` is `smtp://…`. */
export interface MailServer extends LocalServer {
  /** The inbox's web page, and the base of its REST interface (`GET /email`). Undefined for an external server. */
  readonly webUrl: string | undefined;
}

/** Starts maildev on loopback. Resolves when its web page answers. */
export async function startMail(options: MailOptions): Promise<MailServer> {
  const { dir, smtpPort, webPort, env = process.env } = options;
  await mkdir(dir, { recursive: true });
  await requireFreePort(smtpPort, 'the mail server', 'MAIL_SMTP_PORT');
  await requireFreePort(webPort, 'the mail inbox', 'MAIL_WEB_PORT');
  const webUrl = `http://127.0.0.1:${webPort}`;
  const server = await new ManagedProcess({
    ...options,
    name: 'Mail server',
    url: `smtp://127.0.0.1:${smtpPort}`,
    port: smtpPort,
    command: () => ({
      command: process.execPath,
      args: maildevArgs(options),
      env: { ...env, NODE_OPTIONS: '' },
    }),
    probe: () => requireAnswer(`${webUrl}/email`),
    readyTimeoutMs: 30_000,
    stopTimeoutMs: 5000,
  }).start();
  return Object.assign(server, { webUrl });
}

function maildevArgs({ dir, smtpPort, webPort }: MailOptions): string[] {
  const require = createRequire(import.meta.url);
  const program = `${dirname(require.resolve('maildev/package.json'))}/bin/maildev`;
  return [
    program,
    ...['--ip', '127.0.0.1', '--smtp', String(smtpPort)],
    ...['--web-ip', '127.0.0.1', '--web', String(webPort)],
    ...['--mail-directory', dir],
  ];
}

async function requireAnswer(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}
