import { Redis } from 'ioredis';
import { scripts } from '../../src/scripts/index.ts';

/** Where a process is to die: before a script is sent, or once Redis has answered it. */
export interface DeathPoint {
  readonly script: keyof typeof scripts;
  readonly when: 'before' | 'after';
}

/** Makes this process kill itself the first time that it comes to the point. */
export function dieAt({ script, when }: DeathPoint): void {
  const { sha, source } = scripts[script];
  // as scripts are sent whose reply is packed, and all others
  for (const method of ['callBuffer', 'call'] as const) {
    const send = Redis.prototype[method];
    const patched = async function (this: Redis, ...args: unknown[]): Promise<unknown> {
      // its source where Redis does not know it yet
      const isIt = args.includes(sha) || args.includes(source);
      if (isIt && when === 'before') process.kill(process.pid, 'SIGKILL');
      const reply: unknown = await Reflect.apply(send, this, args);
      if (isIt) process.kill(process.pid, 'SIGKILL');
      return reply;
    };
    Object.assign(Redis.prototype, { [method]: patched });
  }
}
