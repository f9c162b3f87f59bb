/** A connection that nobody looks at and nothing happens on is given up; it comes back with the first look. */
import * as React from 'react';
import type { Transport } from './transport';

/** Whether the chat can be seen, and when that changes. */
export interface Sight {
  seen(): boolean;
  /** Returns what ends it. */
  onChange(listener: () => void): () => void;
}

export function useIdle(transport: Transport, sight: Sight | undefined, busy: boolean, minutes: number): void {
  const [seen, setSeen] = React.useState(() => sight?.seen() ?? true);
  React.useEffect(() => sight?.onChange(() => setSeen(sight.seen())), [sight]);
  React.useEffect(() => {
    if (seen) {
      transport.wake();
    } else if (!busy && minutes > 0) {
      const timer = window.setTimeout(() => transport.rest(), minutes * 60_000);
      return () => window.clearTimeout(timer);
    }
    return undefined;
  }, [transport, seen, busy, minutes]);
}
