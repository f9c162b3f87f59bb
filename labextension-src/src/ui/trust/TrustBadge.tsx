/** What may leave in this conversation, in a word; it opens what has left. */
import * as React from 'react';
import type { Level } from '../../protocol.gen';
import { useApp } from '../app';
import type { Conversation } from '../state/state';
import { useTrans } from '../trans';
import { inWords, shortly, standingOf } from './level';

interface Props {
  conversation: Conversation | undefined;
  level: Level;
}

export function TrustBadge({ conversation, level }: Props): JSX.Element {
  const { open } = useApp();
  const trans = useTrans();
  const llm = useNextLlm(conversation);
  const standing = standingOf(conversation, level, llm);
  const words = inWords(standing, trans);
  const provider = standing === 'offline' ? trans.__('nothing leaves this machine') : llm.split('/')[0];
  return (
    <button
      type="button"
      className="mlc-mini mlc-badge"
      data-standing={standing}
      title={words}
      aria-label={`${shortly(standing, trans)}. ${words} ${trans.__('Show what was sent')}`}
      onClick={() => open('sent')}
    >
      <b>{shortly(standing, trans)}</b>
      {provider && <span> · {provider}</span>}
    </button>
  );
}

/** The llm that a question here would be answered by; empty while that is not known. */
function useNextLlm(conversation: Conversation | undefined): string {
  const { ask } = useApp();
  const [llm, setLlm] = React.useState('');
  const id = conversation?.deleted ? undefined : conversation?.id;
  const chosen = conversation?.info?.llm ?? '';
  React.useEffect(() => {
    let listening = true;
    setLlm(chosen);
    ask({ type: 'choices.get', conversation: id ?? null }, 'choices').then(
      ({ choices }) => listening && setLlm(choices.llm ?? ''),
      // Somebody else's conversation, or a server that does not say: the last answer tells who answers.
      () => undefined
    );
    return () => {
      listening = false;
    };
  }, [ask, id, chosen]);
  return llm;
}
