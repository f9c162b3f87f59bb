/** The top of the chat: the conversation's title, how it is connected, small tags below, and the menu. */
import * as React from 'react';
import { useApp } from './app';
import { Renaming } from './conversations/Renaming';
import { Tags } from './conversations/Tags';
import { headingOf } from './conversations/words';
import { Menu, type MenuItem } from './sheets/Menu';
import { hasSheet } from './sheets/sheets';
import { QueueTag } from './people/QueueTag';
import type { Conversation, State } from './state/state';
import { type Trans, useTrans } from './trans';
import { TrustBadge } from './trust/TrustBadge';
import type { Status } from './wire/transport';

const CONNECTION: { readonly [S in Status]: (trans: Trans) => string } = {
  connecting: trans => trans.__('Connecting…'),
  open: trans => trans.__('Connected'),
  closed: trans => trans.__('Not connected, trying again…'),
  offline: trans => trans.__('Offline: what you send waits'),
  resting: trans => trans.__('At rest')
};

interface Props {
  conversation: Conversation | undefined;
  me: State['me'];
  status: Status;
  begin: () => void;
  items: readonly MenuItem[];
}

export function Head({ conversation, me, status, begin, items }: Props): JSX.Element {
  const trans = useTrans();
  const { host, open } = useApp();
  const [renaming, setRenaming] = React.useState(false);
  return (
    <header className="mlc-head">
      <div className="mlc-head-line">
        {renaming && conversation ? (
          <Renaming id={conversation.id} title={headingOf(conversation)} done={() => setRenaming(false)} />
        ) : (
          <Title conversation={conversation} rename={() => setRenaming(true)} />
        )}
        <span className="mlc-connection" data-status={status} title={CONNECTION[status](trans)}>
          {status === 'open' ? '' : CONNECTION[status](trans)}
        </span>
        {hasSheet(host, 'conversations') && (
          <button
            type="button"
            className="mlc-mini"
            title={trans.__('Conversations')}
            aria-label={trans.__('Conversations')}
            onClick={() => open('conversations')}
          >
            ☰
          </button>
        )}
        <button type="button" className="mlc-mini" onClick={begin} title={trans.__('Begin a new conversation')}>
          {trans.__('New')}
        </button>
        <Menu items={items} />
      </div>
      <div className="mlc-tags">
        {conversation && !conversation.deleted && <Tags conversation={conversation} />}
        {/* Of somebody else's conversation only they are told. */}
        {conversation?.mode?.expert !== me.principal && <TrustBadge conversation={conversation} level={me.level} />}
        <QueueTag me={me} />
      </div>
    </header>
  );
}

function Title({ conversation, rename }: { conversation: Conversation | undefined; rename: () => void }): JSX.Element {
  const trans = useTrans();
  const title = conversation && headingOf(conversation);
  if (!title || conversation.deleted) {
    return <span className="mlc-title">{title || trans.__('ML Chat')}</span>;
  }
  return (
    <button
      type="button"
      className="mlc-title mlc-title-button"
      title={trans.__('%1. Press to rename', title)}
      aria-label={trans.__('Rename %1', title)}
      onClick={rename}
    >
      {title}
    </button>
  );
}
