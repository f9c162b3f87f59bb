/** What a conversation has chosen and may choose, read anew whenever that has changed. */
import * as React from 'react';
import type { Choices, ConversationUpdate, FaultRecord } from '../../protocol.gen';
import { useApp } from '../app';
import type { Chat } from '../state/useChat';
import type { Draft } from '../wire/commands';
import { asFault } from '../wire/faults';

export type Change = Omit<ConversationUpdate, 'type' | 'id' | 'conversation'>;

export interface Chosen {
  /** Null before the first answer. */
  choices: Choices | null;
  fault: FaultRecord | null;
  reload: () => void;
  /** Change the conversation. False when it was refused: `fault` says why. */
  change: (change: Change) => Promise<boolean>;
  /** The same for any command. */
  obey: (draft: Draft) => Promise<boolean>;
}

export function useChoices(chat: Chat): Chosen {
  const { ask } = useApp();
  const [choices, setChoices] = React.useState<Choices | null>(null);
  const [fault, setFault] = React.useState<FaultRecord | null>(null);
  const [times, setTimes] = React.useState(0);
  const conversation = currentOf(chat);
  const info = conversation === null ? null : chat.state.conversations[conversation]?.info;
  React.useEffect(() => {
    let gone = false;
    ask({ type: 'choices.get', conversation }, 'choices').then(
      told => !gone && setChoices(told.choices),
      thrown => !gone && setFault(asFault(thrown))
    );
    return () => {
      gone = true;
    };
    // `info` is another one whenever any page has changed the conversation.
  }, [ask, conversation, info, times]);

  const reload = React.useCallback(() => {
    setFault(null);
    setTimes(before => before + 1);
  }, []);
  const obey = React.useCallback(
    async (draft: Draft): Promise<boolean> => {
      setFault(null);
      try {
        await ask(draft, 'accepted');
        setTimes(before => before + 1);
        return true;
      } catch (thrown) {
        setFault(asFault(thrown));
        return false;
      }
    },
    [ask]
  );
  const change = React.useCallback(
    async (changed: Change): Promise<boolean> =>
      conversation !== null && (await obey({ type: 'conversation.update', conversation, ...changed })),
    [conversation, obey]
  );
  return { choices, fault, reload, change, obey };
}

/** The conversation on the screen, if it goes on. */
export function currentOf(chat: Chat): string | null {
  const { current, conversations } = chat.state;
  return current !== null && !conversations[current]?.deleted ? current : null;
}
