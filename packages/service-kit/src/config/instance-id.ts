import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** What a process calls itself when no INSTANCE_ID is set: host name, process id and a random part. */
export function defaultInstanceId(): string {
  const host = hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 80);
  return `${host}-${process.pid}-${randomBytes(3).toString('hex')}`;
}
