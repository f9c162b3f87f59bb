/** What is to be known before something is said here: it was deleted, cut off, or is about another notebook. */
import * as React from 'react';
import type { Conversation } from '../state/state';
import { useApp } from '../app';
import { useTrans } from '../trans';
import { asFault } from '../wire/faults';
import { Bar } from './Bar';
import { useElsewhere } from './elsewhere';
import { restore } from './restoring';
import { fileOf } from './words';

interface Props {
  conversation: Conversation;
  /** The notebook that is worked in. */
  notebook: string;
}

export function Standing({ conversation, notebook }: Props): JSX.Element | null {
  const { send } = useApp();
  const trans = useTrans();
  const last = conversation.turns[conversation.turns.length - 1];
  if (conversation.deleted) {
    return <Deleted conversation={conversation} />;
  }
  return (
    <>
      <Elsewhere conversation={conversation} notebook={notebook} />
      {last?.state === 'abandoned' && (
        <Bar words={trans.__('The server was stopped while answering.')} grave>
          <button type="button" className="mlc-mini" onClick={() => send({ type: 'turn.retry', turn: last.id })}>
            {trans.__('Take it up again')}
          </button>
        </Bar>
      )}
    </>
  );
}

function Deleted({ conversation }: { conversation: Conversation }): JSX.Element {
  const app = useApp();
  const trans = useTrans();
  const [wrong, setWrong] = React.useState('');
  const undo = (): void =>
    void restore(app, conversation.id, conversation).catch(thrown => setWrong(asFault(thrown).message));
  return (
    <Bar words={wrong || trans.__('This conversation was deleted. A message begins a new one.')} grave>
      {!wrong && (
        <button type="button" className="mlc-mini" onClick={undo}>
          {trans.__('Undo')}
        </button>
      )}
    </Bar>
  );
}

function Elsewhere({ conversation, notebook }: Props): JSX.Element | null {
  const { host, send } = useApp();
  const trans = useTrans();
  const about = useElsewhere(host, conversation.info?.notebook ?? '', notebook);
  if (!about) {
    return null;
  }
  const name = fileOf(about.notebook);
  const words = {
    open: trans.__('This conversation is about %1. Its kernel is asked.', name),
    none: trans.__('This conversation is about %1, which has no kernel now. Open it to ask about its models.', name),
    unknown: trans.__('This conversation is about %1.', name)
  };
  return (
    <Bar words={words[about.kernel]}>
      <button type="button" className="mlc-mini" onClick={() => send({ type: 'conversation.open', context: host.context() })}>
        {notebook ? trans.__('Back to %1', fileOf(notebook)) : trans.__('Back')}
      </button>
    </Bar>
  );
}
