/** From anywhere to a conversation, and to a turn in it. */
import * as React from 'react';
import type { ConversationId, TurnId } from '../../protocol.gen';
import type { Chat } from '../state/useChat';

export interface Wanted {
  conversation: ConversationId;
  turn: TurnId;
}

export type Go = (conversation: ConversationId, turn?: TurnId | null) => void;

/** `wanted` is the turn to scroll to, a new object each time. */
export function useGoing({ state, context, send }: Chat): { wanted: Wanted | null; go: Go } {
  const [wanted, setWanted] = React.useState<Wanted | null>(null);
  const latest = React.useRef({ state, context });
  latest.current = { state, context };
  const go = React.useCallback<Go>(
    (conversation, turn) => {
      const { state: now, context: at } = latest.current;
      setWanted(turn ? { conversation, turn } : null);
      if (conversation !== now.current || now.opening) {
        const after = now.conversations[conversation]?.seen ?? 0;
        send({ type: 'conversation.open', conversation, after, context: at });
      }
    },
    [send]
  );
  return { wanted, go };
}
