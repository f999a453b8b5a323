import { Command, CommanderError, InvalidArgumentError } from '@commander-js/extra-typings';

/**
 * A command line that throws a CommanderError instead of ending the process: with exit code 1 for arguments that it does
 * not understand, and with 0 once the help has been printed.
 * @param name as it is typed, such as `npm start --`
 */
export function commandLine(name: string, description: string) {
  return new Command(name)
    .description(description)
    .helpOption('-h, --help', 'print this text')
    .helpCommand(false)
    .configureOutput({ outputError: () => undefined, getOutHelpWidth: () => 120 })
    .exitOverride((error) => {
      if (error.exitCode !== 0) error.message += `\nSee ${name} --help.`;
      throw error;
    });
}

/** Parses an option's value; limits are inclusive. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

/** Parses an option's value. commander alone would take a following option, such as `--watch`, for the value. */
export function textValue(text: string): string {
  if (text.startsWith('-')) throw new InvalidArgumentError('It must not begin with "-".');
  return text;
}

/**
 * Runs a program and sets the exit code: the result of `main`, or 1 if it throws.
 * @param describe what is written to stderr for an error other than a wrong command line; default its stack
 */
export async function runProgram(main: () => Promise<number>, describe = stackOf): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    const isCommandLine = error instanceof CommanderError;
    process.exitCode = isCommandLine ? error.exitCode : 1;
    if (process.exitCode !== 0) process.stderr.write(`${isCommandLine ? error.message : describe(error)}\n`);
  }
}

/** Writes a line to stdout. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
