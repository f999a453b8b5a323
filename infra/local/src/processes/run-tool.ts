import { type ExecFileOptions, execFile } from 'node:child_process';

export interface ToolResult {
  /** Undefined if a signal or the timeout ended the tool. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a tool to its end; rejects if it cannot be started.
 * @param options `timeout` in ms, after which the tool is killed; default none
 */
export function runTool(
  command: string,
  args: readonly string[],
  options: Pick<ExecFileOptions, 'cwd' | 'env' | 'uid' | 'gid' | 'timeout'> = {},
): Promise<ToolResult> {
  const all = { ...options, killSignal: 'SIGKILL', maxBuffer: 64 * 1024 ** 2 } as const;
  return new Promise((resolve, reject) => {
    const tool = execFile(command, args, all, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      // A text, such as ENOENT: the tool did not start.
      if (typeof code === 'string') reject(error);
      else resolve({ code: code ?? undefined, stdout, stderr });
    });
    tool.stdin?.end();
  });
}

/** What the tool wrote to stdout; undefined if it is missing or fails. For finding out what the machine has. */
export async function outputOf(...tool: Parameters<typeof runTool>): Promise<string | undefined> {
  const result = await runTool(...tool).catch(() => undefined);
  return result?.code === 0 ? result.stdout : undefined;
}
