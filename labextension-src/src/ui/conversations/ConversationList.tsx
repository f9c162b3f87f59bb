/** The conversations there are: one can be opened, renamed, exported, deleted, and taken back. */
import * as React from 'react';
import type { ConversationInfo } from '../../protocol.gen';
import { useApp } from '../app';
import type { State } from '../state/state';
import { FaultLine } from '../turns/FaultLine';
import { useTrans } from '../trans';
import { asFault } from '../wire/faults';
import { ConversationRow } from './ConversationRow';
import { latest } from './latest';
import { restore } from './restoring';
import type { Listed } from './useListed';
import { titleOf } from './words';

interface Props {
  state: State;
  listed: Listed;
  close: () => void;
  removed?: () => void;
}

interface Said {
  words: string;
  wrong: boolean;
  /** Was deleted, and can be taken back. */
  gone: ConversationInfo | null;
}

export function ConversationList({ state, listed, close, removed }: Props): JSX.Element {
  const app = useApp();
  const trans = useTrans();
  const [said, setSaid] = React.useState<Said | null>(null);
  const say = (words: string, wrong = false): void => setSaid(before => (words ? { words, wrong, gone: null } : before));
  const undo = async (info: ConversationInfo): Promise<void> => {
    try {
      await restore(app, info.id, state.conversations[info.id]);
      listed.edit(info.id, { deleted: false });
      say(trans.__('“%1” is back.', titleOf(info, trans)));
    } catch (thrown) {
      say(asFault(thrown).message, true);
    }
  };
  const rows = listed.rows.map(info => latest(state, info)).filter(info => !info.deleted);
  return (
    <>
      <div role="status" className="mlc-conversations-said" data-wrong={said?.wrong}>
        {said && (
          <>
            {said.words}{' '}
            {said.gone && (
              <button type="button" className="mlc-mini" onClick={() => void undo(said.gone!)}>
                {trans.__('Undo')}
              </button>
            )}
          </>
        )}
      </div>
      {listed.fault && <FaultLine fault={listed.fault} />}
      <ul className="mlc-conversations" aria-label={trans.__('Conversations')} aria-busy={listed.loading}>
        {rows.map(info => (
          <ConversationRow
            key={info.id}
            info={info}
            shown={info.id === state.current}
            turns={state.conversations[info.id]?.turns.filter(turn => turn.question).length ?? null}
            exports={!state.me.disabled.includes('export')}
            open={() => {
              app.go(info.id);
              close();
            }}
            renamed={title => listed.edit(info.id, { title })}
            removed={() => {
              listed.edit(info.id, { deleted: true });
              removed?.();
              setSaid({ words: trans.__('“%1” was deleted.', titleOf(info, trans)), wrong: false, gone: info });
            }}
            say={say}
          />
        ))}
      </ul>
      {!rows.length && !listed.loading && <p className="mlc-muted">{trans.__('There is none yet.')}</p>}
      {listed.follows && (
        <button type="button" className="mlc-mini" disabled={listed.loading} onClick={listed.more}>
          {trans.__('Show more')}
        </button>
      )}
    </>
  );
}
