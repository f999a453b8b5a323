import type { Redis } from 'ioredis';
import type { EventStoreSettings } from '../store-settings.ts';
import { createAppendClient } from './clients.ts';
import { type Confirmation, checkDurability } from './durability.ts';
import type { LogIdentity } from './log-identity.ts';

/** A server that failed its check is asked again by the first write after this time. */
const RECHECK_MS = 1_000;

/**
 * A connection that writes events, once its server is known to have the right log and to keep the declared durability.
 * It connects and reconnects by itself; `client.disconnect()` ends it.
 */
export class CheckedConnection {
  readonly client: Redis;
  readonly #settings: EventStoreSettings;
  readonly #identity: LogIdentity;
  #losses = 0;
  #up = Promise.withResolvers<void>();
  #isUp = false;
  #lastError: Error | undefined;
  #check: Promise<Confirmation> | undefined;
  #confirmation: Confirmation | undefined;

  constructor(settings: EventStoreSettings, identity: LogIdentity) {
    this.#settings = settings;
    this.#identity = identity;
    this.client = createAppendClient(settings);
    this.client.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.client.on('ready', () => this.#whenReady());
    this.client.on('close', () => this.#whenClosed());
    // failures come as events too, and the client goes on trying
    this.client.connect().catch(() => undefined);
  }

  /** How often the connection was lost so far. */
  get losses(): number {
    return this.#losses;
  }

  /** Why the connection is down, as far as the client knows. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Result of the check; undefined while the connection is down or has not passed it. */
  get confirmation(): Confirmation | undefined {
    return this.#confirmation;
  }

  /**
   * Resolves when the connection is up and its server checked, however long that takes. The result holds until the
   * connection is lost; a failed check is repeated after a while.
   * @throws DurabilityNotGivenError, LogChangedError, and what the client throws
   */
  async checked(): Promise<Confirmation> {
    await this.#up.promise;
    return await (this.#check ?? this.#startCheck());
  }

  /** As `checked`, and always asks the server. */
  async recheck(): Promise<Confirmation> {
    await this.#up.promise;
    return await this.#startCheck();
  }

  #whenReady(): void {
    this.#isUp = true;
    this.#lastError = undefined;
    void this.#startCheck();
    this.#up.resolve();
  }

  #whenClosed(): void {
    this.#check = undefined;
    this.#confirmation = undefined;
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#losses += 1;
    this.#up = Promise.withResolvers<void>();
  }

  /** The outcome of a check that another one, or a lost connection, has made obsolete is ignored. */
  #startCheck(): Promise<Confirmation> {
    const started = this.#checkServer();
    this.#check = started;
    const passed = (confirmation: Confirmation): void => {
      if (this.#check === started) this.#confirmation = confirmation;
    };
    const failed = (error: unknown): void => {
      this.#settings.onBackgroundError(error);
      if (this.#check === started) this.#confirmation = undefined;
      const forget = (): void => {
        if (this.#check === started) this.#check = undefined;
      };
      setTimeout(forget, RECHECK_MS).unref();
    };
    started.then(passed, failed);
    return started;
  }

  async #checkServer(): Promise<Confirmation> {
    await this.#identity.check(this.client);
    return await checkDurability(this.client, this.#settings);
  }
}
