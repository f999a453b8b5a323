import { type TcpProxy, tcpProxy } from '@headrace/test-kit';
import type { ServerName } from '../plan/faults.ts';

/** The proxies between one instance and the servers, so that a network fault can affect it alone. */
export type Proxies = Readonly<Record<ServerName, TcpProxy>>;

export async function openProxies(urls: Readonly<Record<ServerName, string>>): Promise<Proxies> {
  const [redis, postgres, smtp] = await Promise.all(
    [urls.redis, urls.postgres, urls.smtp].map((target) => tcpProxy({ target })),
  );
  if (redis === undefined || postgres === undefined || smtp === undefined) throw new Error('no proxy');
  return { redis, postgres, smtp };
}

export async function closeProxies(proxies: Proxies): Promise<void> {
  await Promise.all([proxies.redis.close(), proxies.postgres.close(), proxies.smtp.close()]);
}

/** Requests whose lost replies do the most damage: scripts, commits, and the end of a mail. */
export function isCritical(server: ServerName, request: Buffer): boolean {
  switch (server) {
    case 'redis':
      return /evalsha/i.test(request.toString('latin1'));
    case 'postgres':
      return /commit|insert|update/i.test(request.toString('latin1'));
    case 'smtp':
      return request.toString('latin1').endsWith('\r\n.\r\n');
  }
}
