/** The top of the chat: the conversation's title, how it is connected, small tags below, and the menu. */
import * as React from 'react';
import { Menu, type MenuItem } from './sheets/Menu';
import type { Conversation } from './state/state';
import { type Trans, useTrans } from './trans';
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
  status: Status;
  begin: () => void;
  items: readonly MenuItem[];
}

export function Head({ conversation, status, begin, items }: Props): JSX.Element {
  const trans = useTrans();
  return (
    <header className="mlc-head">
      <div className="mlc-head-line">
        <span className="mlc-title" title={conversation?.info?.title}>
          {conversation?.info?.title || 'ML Chat'}
        </span>
        <span className="mlc-connection" data-status={status} title={CONNECTION[status](trans)}>
          {status === 'open' ? '' : CONNECTION[status](trans)}
        </span>
        <button type="button" className="mlc-mini" onClick={begin} title={trans.__('Begin a new conversation')}>
          {trans.__('New')}
        </button>
        <Menu items={items} />
      </div>
      <div className="mlc-tags" />
    </header>
  );
}
