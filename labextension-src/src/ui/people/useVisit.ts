/** An expert in somebody else's conversation. */
import * as React from 'react';
import type { ConversationId, HelpRequest } from '../../protocol.gen';
import type { Chat } from '../state/useChat';

export type To = 'everyone' | 'assistant';

export interface Visit {
  /** Who asked for a person, while theirs is the conversation that is shown. */
  owner: string;
  to: To;
  setTo(to: To): void;
  say(text: string): void;
  begin(request: HelpRequest): void;
  leave(): void;
}

export function useVisit({ state, send, visit, home }: Chat): Visit {
  const [owners, setOwners] = React.useState<{ readonly [id: ConversationId]: string }>({});
  const [to, setTo] = React.useState<To>('everyone');
  const conversation = state.current ?? '';
  return {
    owner: owners[conversation] ?? '',
    to,
    setTo,
    say: text => send({ type: 'expert.say', conversation, text, to }),
    begin: React.useCallback(
      (request: HelpRequest) => {
        setTo('everyone');
        setOwners(before => ({ ...before, [request.conversation]: request.owner }));
        visit(request.conversation);
      },
      [visit]
    ),
    leave: home
  };
}
