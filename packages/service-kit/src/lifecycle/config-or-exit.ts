import { ConfigError } from '../config/load-config.ts';

/**
 * For the first line of `main.ts`, when there is no logger yet: what `load` returns, or, for a ConfigError, its
 * list of problems on stderr and an exit with 1. Any other error is thrown.
 */
export function configOrExit<Config>(load: () => Config): Config {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
