/** How commands reach the service and events come back: a WebSocket, or a widget's messages. */
import type { Command, ServerEvent } from '../../protocol.gen';

export type Status = 'connecting' | 'open' | 'closed';

export interface Transport {
  /** Never throws. What can't leave now leaves at the next connection, with the same command id. */
  send(command: Command): void;
  /** Calls `listener` for every event from now on. Returns what ends it. */
  onEvent(listener: (event: ServerEvent) => void): () => void;
  /** Calls `listener` at once, then at every change. Returns what ends it. */
  onStatus(listener: (status: Status) => void): () => void;
  dispose(): void;
}
