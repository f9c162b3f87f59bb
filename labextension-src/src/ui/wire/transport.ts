/** How commands reach the service and events come back: a WebSocket, or a widget's messages. */
import type { Command, ServerEvent } from '../../protocol.gen';

/** `closed` tries again by itself; `offline` does too, but nobody should wait for it; `resting` was left on purpose. */
export type Status = 'connecting' | 'open' | 'closed' | 'offline' | 'resting';

export interface Transport {
  /** Never throws. What can't leave now leaves at the next connection, with the same command id. */
  send(command: Command): void;
  /** Calls `listener` with the last `hello`, which may be older than it, and every event from now on. Returns what ends it. */
  onEvent(listener: (event: ServerEvent) => void): () => void;
  /** Calls `listener` at once, then at every change. Returns what ends it. */
  onStatus(listener: (status: Status) => void): () => void;
  /** Give the connection up until something is sent, or `wake`. */
  rest(): void;
  wake(): void;
  dispose(): void;
}
