/** An event type without a contract, where only registered ones are taken. */
export class UnregisteredTypeError extends Error {
  readonly code = 'UNREGISTERED_TYPE';
  readonly eventType: string;
  constructor(eventType: string) {
    super(`there is no contract for events of type "${eventType}", and this service takes no others`);
    this.name = 'UnregisteredTypeError';
    this.eventType = eventType;
  }
}
