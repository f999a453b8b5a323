import type { Refusal } from '@headrace/consumer';

/** A command that was refused, with the id under which its status can be looked up. */
export class CommandRefusedError extends Error {
  readonly code = 'COMMAND_REFUSED';
  readonly commandId: string;
  readonly refusal: Refusal;
  constructor(commandId: string, refusal: Refusal) {
    super(refusal.message, { cause: refusal });
    this.name = 'CommandRefusedError';
    this.commandId = commandId;
    this.refusal = refusal;
  }
}

export class CommandNotFoundError extends Error {
  readonly code = 'COMMAND_NOT_FOUND';
  readonly commandId: string;
  constructor(commandId: string) {
    super(`there is no command ${commandId}, or it was forgotten`);
    this.name = 'CommandNotFoundError';
    this.commandId = commandId;
  }
}
