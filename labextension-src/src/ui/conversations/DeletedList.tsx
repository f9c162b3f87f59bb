/** What was deleted and can still be taken back, or be gone for good. */
import * as React from 'react';
import type { ConversationInfo } from '../../protocol.gen';
import { useApp } from '../app';
import { FaultLine } from '../turns/FaultLine';
import { useTrans } from '../trans';
import type { Api } from '../wire/api';
import { asFault } from '../wire/faults';
import { useListed } from './useListed';
import { dateOf, titleOf } from './words';

/** `news` changes when one more was deleted. */
export function DeletedList({ api, news }: { api: Api; news: string }): JSX.Element {
  const { ask } = useApp();
  const trans = useTrans();
  const listed = useListed(api, true, news);
  const [wrong, setWrong] = React.useState<unknown>(null);
  const act = async (info: ConversationInfo, type: 'conversation.restore' | 'conversation.delete'): Promise<void> => {
    try {
      const now = type === 'conversation.delete' ? { now: true } : {};
      await ask({ type, conversation: info.id, ...now }, 'accepted');
      listed.edit(info.id, null);
      setWrong(null);
    } catch (thrown) {
      setWrong(thrown);
    }
  };
  return (
    <>
      {(listed.fault || wrong !== null) && <FaultLine fault={listed.fault ?? asFault(wrong)} />}
      <ul className="mlc-conversations" aria-label={trans.__('Deleted conversations')} aria-busy={listed.loading}>
        {listed.rows.map(info => (
          <DeletedRow
            key={info.id}
            info={info}
            restore={() => void act(info, 'conversation.restore')}
            erase={() => void act(info, 'conversation.delete')}
          />
        ))}
      </ul>
      {!listed.rows.length && !listed.loading && <p className="mlc-muted">{trans.__('Nothing was deleted lately.')}</p>}
      {listed.follows && (
        <button type="button" className="mlc-mini" disabled={listed.loading} onClick={listed.more}>
          {trans.__('Show more')}
        </button>
      )}
    </>
  );
}

interface RowProps {
  info: ConversationInfo;
  restore: () => void;
  erase: () => void;
}

function DeletedRow({ info, restore, erase }: RowProps): JSX.Element {
  const trans = useTrans();
  const [sure, setSure] = React.useState(false);
  const keep = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    if (sure) {
      keep.current?.focus();
    }
  }, [sure]);
  const title = titleOf(info, trans);
  return (
    <li className="mlc-conversation">
      <div className="mlc-conversation-title" title={title}>
        {title}
      </div>
      <div className="mlc-muted mlc-conversation-about">
        <span>{dateOf(info.updated)}</span>
      </div>
      <div className="mlc-buttons">
        {sure ? (
          <>
            <span>{trans.__('Nothing of it will be left.')}</span>
            <button type="button" className="mlc-mini mlc-error" onClick={erase}>
              {trans.__('Delete for good')}
            </button>
            <button type="button" className="mlc-mini" ref={keep} onClick={() => setSure(false)}>
              {trans.__('Keep')}
            </button>
          </>
        ) : (
          <>
            <button type="button" className="mlc-mini" aria-label={trans.__('Restore %1', title)} onClick={restore}>
              {trans.__('Restore')}
            </button>
            <button
              type="button"
              className="mlc-mini"
              aria-label={trans.__('Delete %1 for good…', title)}
              onClick={() => setSure(true)}
            >
              {trans.__('Delete for good…')}
            </button>
          </>
        )}
      </div>
    </li>
  );
}
