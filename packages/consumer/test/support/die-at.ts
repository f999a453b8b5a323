import { Redis } from 'ioredis';
import { scripts } from '../../src/scripts/index.ts';

/** Where a process is to die: before a script is sent, or once Redis has answered it. */
export interface DeathPoint {
  readonly script: keyof typeof scripts;
  readonly when: 'before' | 'after';
}

/** Makes this process kill itself the first time that it comes to the point. */
export function dieAt({ script, when }: DeathPoint): void {
  const { sha } = scripts[script];
  const { evalsha } = Redis.prototype;
  const patched = async function (this: Redis, ...args: unknown[]): Promise<unknown> {
    const isIt = args[0] === sha;
    if (isIt && when === 'before') process.kill(process.pid, 'SIGKILL');
    const reply: unknown = await Reflect.apply(evalsha, this, args);
    if (isIt) process.kill(process.pid, 'SIGKILL');
    return reply;
  };
  Object.assign(Redis.prototype, { evalsha: patched });
}
