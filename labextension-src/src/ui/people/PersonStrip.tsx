/** Who answers when it is not the assistant, whether they type, and the way to a person and back. */
import * as React from 'react';
import type { Presence } from '../../protocol.gen';
import type { Draft } from '../wire/commands';
import type { Conversation, State } from '../state/state';

/** A sign of typing that is not repeated is over. */
const TYPING_MS = 6000;

interface Props {
  conversation: Conversation | undefined;
  me: State['me'];
  send: (draft: Draft) => void;
}

export function PersonStrip({ conversation, me, send }: Props): JSX.Element | null {
  const present = Object.values(conversation?.present ?? {});
  const typing = useTyping(present.find(one => one.who !== me.principal && one.state === 'typing'));
  const changed = conversation?.mode;
  const asked = changed !== undefined && changed !== null && changed.mode !== 'assistant';
  if (!conversation || conversation.deleted || (!asked && !me.experts)) {
    return null;
  }
  const { id } = conversation;
  return (
    <div className="mlc-person">
      <span role="status">
        {asked && (changed.expert ? `${changed.expert} answers here.` : 'Waiting for a person to join…')}
        {asked && changed.mode === 'direct' && changed.observed === false && ' The assistant does not read along.'}
        {asked && typing && ` ${typing} is typing…`}
      </span>
      {asked ? (
        <button
          type="button"
          className="mlc-mini"
          onClick={() => send({ type: 'mode.change', conversation: id, mode: 'assistant' })}
        >
          Back to the assistant
        </button>
      ) : (
        <button type="button" className="mlc-mini" onClick={() => send({ type: 'expert.request', conversation: id })}>
          Ask a person
        </button>
      )}
    </div>
  );
}

function useTyping(sign: Presence | undefined): string {
  const [who, setWho] = React.useState('');
  React.useEffect(() => {
    setWho(sign?.who ?? '');
    const timer = window.setTimeout(() => setWho(''), TYPING_MS);
    return () => window.clearTimeout(timer);
  }, [sign]);
  return who;
}
