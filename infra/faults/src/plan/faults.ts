/** A server; each instance reaches it through its own proxy. */
export type ServerName = 'redis' | 'postgres' | 'smtp';

/** What is done to which target. `forMs`: how long until it is over. */
export type Fault =
  /** kill -9, and a start after a while. */
  | { readonly kind: 'kill'; readonly target: string; readonly forMs: number }
  /** SIGSTOP, and SIGCONT after a while; if that is longer than a lease, the process goes on as a zombie. */
  | { readonly kind: 'stop'; readonly target: string; readonly forMs: number }
  /** SIGTERM and a start, as in an upgrade. */
  | { readonly kind: 'restart'; readonly target: string }
  | { readonly kind: 'kill-server'; readonly server: 'redis' | 'postgres'; readonly forMs: number }
  /** All of an instance's connections to a server are cut at once. */
  | { readonly kind: 'cut'; readonly target: string; readonly server: ServerName }
  /** Requests reach the server, and their replies are lost with the connection. */
  | {
      readonly kind: 'drop-replies';
      readonly target: string;
      readonly server: ServerName;
      readonly times: number;
    }
  /** The network between an instance and a server hangs. */
  | { readonly kind: 'stall'; readonly target: string; readonly server: ServerName; readonly forMs: number }
  /** Everything stops at once, as in a paused virtual machine: services, servers, and the watch for stalls. */
  | { readonly kind: 'stand-still'; readonly forMs: number }
  | { readonly kind: 'scale-up'; readonly target: string }
  | { readonly kind: 'scale-down'; readonly target: string };

export type PlannedFault = Fault & {
  /** Since the load began. */
  readonly atMs: number;
};

/** The instance or server that a fault affects. */
export function targetOf(fault: Fault): string {
  switch (fault.kind) {
    case 'kill-server':
      return fault.server;
    case 'stand-still':
      return 'everything';
    default:
      return fault.target;
  }
}

/** Milliseconds as seconds with one decimal. */
export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

/** A fault in one line. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 ${fault.target}, back after ${fault.forMs} ms`;
    case 'stop':
      return `SIGSTOP ${fault.target} for ${fault.forMs} ms`;
    case 'restart':
      return `restart ${fault.target}`;
    case 'kill-server':
      return `kill -9 ${fault.server}, back after ${fault.forMs} ms`;
    case 'cut':
      return `cut ${fault.target} from ${fault.server}`;
    case 'drop-replies':
      return `drop ${fault.times} replies of ${fault.server} to ${fault.target}`;
    case 'stall':
      return `stall ${fault.server} for ${fault.target}, ${fault.forMs} ms`;
    case 'stand-still':
      return `SIGSTOP everything for ${fault.forMs} ms`;
    case 'scale-up':
      return `start ${fault.target}`;
    case 'scale-down':
      return `stop ${fault.target} in order`;
  }
}
