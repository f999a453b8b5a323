import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface TcpProxyOptions {
  /** The server's URL, such as `redis://127.0.0.1:6379/0`. */
  readonly target: string;
}

/** Whether a fault applies to this chunk of request bytes, in which commands are as the client sent them. */
export type RequestMatcher = (request: Buffer) => boolean;

/** Starts a proxy on a free loopback port. */
export async function tcpProxy(options: TcpProxyOptions): Promise<TcpProxy> {
  const proxy = new TcpProxy(new URL(options.target));
  await proxy.up();
  return proxy;
}

interface Link {
  readonly client: Socket;
  readonly upstream: Socket;
  /** The next byte from the server closes the client's connection instead of reaching it. */
  dropNextReply: boolean;
  /** Nothing from the server reaches the client any more. */
  mute: boolean;
}

const defaultPorts: Readonly<Record<string, number>> = { 'redis:': 6379, 'postgres:': 5432, 'smtp:': 25 };

/** A proxy between a client and a real server that can lose connections and replies as a network does. */
export class TcpProxy {
  #target: URL;
  readonly #links = new Set<Link>();
  #server: Server | undefined;
  #port = 0;
  #stalled = false;
  #matches: RequestMatcher = () => true;
  #remainingDrops = 0;
  #droppedReplies = 0;
  #mutes: RequestMatcher = () => false;
  #remainingMutes = 0;

  constructor(target: URL) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  /** The target's URL with the proxy's address in it. */
  get url(): string {
    const url = new URL(this.#target);
    url.hostname = '127.0.0.1';
    url.port = String(this.#port);
    return url.href;
  }

  /** Client connections that are open now. */
  get connections(): number {
    return this.#links.size;
  }

  /** How many replies have been dropped so far. */
  get droppedReplies(): number {
    return this.#droppedReplies;
  }

  /**
   * Lost replies: requests reach the server, and as soon as it answers, the client's connection is closed without a byte
   * of the answer. For the next `which` requests, or for the next `times` (default 1) that match. Replies to earlier
   * requests of that connection are lost as well. `dropReplies(0)` ends it.
   */
  dropReplies(which: number | RequestMatcher, times = 1): void {
    this.#matches = typeof which === 'number' ? () => true : which;
    this.#remainingDrops = typeof which === 'number' ? which : times;
    for (const link of this.#links) link.dropNextReply = false;
  }

  /**
   * Half-open connections: the next `times` (default 1) connections with a matching request stay open, and no reply
   * passes any more. Requests still reach the server.
   */
  swallowReplies(which: RequestMatcher, times = 1): void {
    this.#mutes = which;
    this.#remainingMutes = times;
  }

  /** A fail-over: new connections lead to another server; open ones stay where they are. */
  lead(target: string): void {
    this.#target = new URL(target);
  }

  /** Closes all connections; new ones are accepted. */
  cut(): void {
    for (const { client, upstream } of this.#links) {
      client.destroy();
      upstream.destroy();
    }
  }

  /** Holds back all bytes in both directions, of open and new connections: the other side seems to hang. */
  stall(): void {
    this.#stalled = true;
    for (const { client, upstream } of this.#links) {
      client.pause();
      upstream.pause();
    }
  }

  /** Ends `stall`; what was held back passes. */
  resume(): void {
    this.#stalled = false;
    for (const { client, upstream } of this.#links) {
      client.resume();
      upstream.resume();
    }
  }

  /** Ends `down`, on the same port. */
  async up(): Promise<void> {
    if (this.#server) return;
    const server = createServer({ noDelay: true }, (client) => this.#accept(client));
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy got no TCP address.');
    this.#port = address.port;
    this.#server = server;
  }

  /** An outage: closes all connections and refuses new ones. */
  async down(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    this.cut();
    await closed;
  }

  /** Closes everything and frees the port. */
  close(): Promise<void> {
    return this.down();
  }

  #accept(client: Socket): void {
    const port = Number(this.#target.port) || defaultPorts[this.#target.protocol] || 0;
    const upstream = connect({ host: this.#target.hostname, port, noDelay: true });
    const link: Link = { client, upstream, dropNextReply: false, mute: false };
    this.#links.add(link);
    client.on('data', (request) => this.#forwardRequest(link, request as Buffer));
    upstream.on('data', (reply) => this.#forwardReply(link, reply as Buffer));
    // A half-closed client may still wait for answers, and what it sent must still reach the server.
    client.on('end', () => upstream.end());
    upstream.on('end', () => client.end());
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.on('close', () => {
      this.#links.delete(link);
      upstream.end();
    });
    if (this.#stalled) {
      client.pause();
      upstream.pause();
    }
  }

  #forwardRequest(link: Link, request: Buffer): void {
    if (this.#remainingDrops > 0 && !link.dropNextReply && this.#matches(request)) {
      this.#remainingDrops--;
      link.dropNextReply = true;
    }
    if (this.#remainingMutes > 0 && !link.mute && this.#mutes(request)) {
      this.#remainingMutes--;
      link.mute = true;
    }
    link.upstream.write(request);
  }

  #forwardReply(link: Link, reply: Buffer): void {
    if (link.mute) return;
    if (link.dropNextReply) {
      link.dropNextReply = false;
      this.#droppedReplies++;
      // Only the client is cut at once: the server may not have read all requests yet, and they must reach it.
      link.client.destroy();
      return;
    }
    if (!link.client.destroyed) link.client.write(reply);
  }
}
