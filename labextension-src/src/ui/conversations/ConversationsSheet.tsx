/** All conversations: found by what was said, listed, begun, imported; those that were deleted too. */
import * as React from 'react';
import type { ConversationInfo } from '../../protocol.gen';
import { useApp } from '../app';
import type { SheetProps } from '../sheets/sheets';
import type { Conversation } from '../state/state';
import { FaultLine } from '../turns/FaultLine';
import { useTrans } from '../trans';
import type { Api } from '../wire/api';
import { asFault } from '../wire/faults';
import { ConversationList } from './ConversationList';
import { DeletedList } from './DeletedList';
import { SearchResults } from './SearchResults';
import { useListed } from './useListed';
import { headingOf } from './words';

export function ConversationsSheet({ chat, host, close }: SheetProps): JSX.Element {
  const trans = useTrans();
  const [words, setWords] = React.useState('');
  const [deleted, setDeleted] = React.useState(false);
  /** A deletion may end when its list is out of sight already. */
  const [removed, setRemoved] = React.useState(0);
  const { state } = chat;
  const current = state.current ? state.conversations[state.current] : undefined;
  return (
    <div className="mlc-conversations-page">
      {!state.me.disabled.includes('search') && (
        <input
          type="search"
          className="mlc-input"
          aria-label={trans.__('Search what was said')}
          placeholder={trans.__('Search what was said')}
          value={words}
          onChange={event => setWords(event.currentTarget.value)}
        />
      )}
      {words.trim() ? (
        <SearchResults words={words.trim()} close={close} />
      ) : (
        <>
          <div className="mlc-buttons">
            <button
              type="button"
              className="mlc-mini"
              onClick={() => {
                chat.begin();
                close();
              }}
            >
              {trans.__('New conversation')}
            </button>
            {host.api && <Import api={host.api} close={close} />}
            {host.api && (
              <button type="button" className="mlc-mini" aria-pressed={deleted} onClick={() => setDeleted(!deleted)}>
                {trans.__('Deleted ones')}
              </button>
            )}
          </div>
          {host.api ? (
            deleted ? (
              <DeletedList api={host.api} news={String(removed)} />
            ) : (
              <All api={host.api} state={state} close={close} removed={() => setRemoved(before => before + 1)} />
            )
          ) : (
            current && <ConversationList state={state} listed={alone(current)} close={close} />
          )}
        </>
      )}
    </div>
  );
}

interface AllProps {
  api: Api;
  state: SheetProps['chat']['state'];
  close: () => void;
  removed: () => void;
}

function All({ api, state, close, removed }: AllProps): JSX.Element {
  const news = `${state.current} ${Object.keys(state.conversations).length}`;
  return <ConversationList state={state} listed={useListed(api, false, news)} close={close} removed={removed} />;
}

/** Where the service is reached through a kernel, only the conversation that is shown is at hand. */
function alone(shown: Conversation): Parameters<typeof ConversationList>[0]['listed'] {
  // What is known of it before it has changed is what was said in it.
  const info = { id: shown.id, owner: '', ...shown.info, title: headingOf(shown) };
  return { rows: [info], follows: false, loading: false, fault: null, more: () => undefined, edit: () => undefined };
}

function Import({ api, close }: { api: Api; close: () => void }): JSX.Element {
  const { go, host } = useApp();
  const trans = useTrans();
  const chooser = React.useRef<HTMLInputElement>(null);
  const [wrong, setWrong] = React.useState<unknown>(null);
  const take = async (file: File): Promise<void> => {
    try {
      const body: unknown = JSON.parse(await file.text());
      const { notebook = '' } = host.context();
      const query: { [name: string]: string } = notebook ? { notebook } : {};
      const { id } = await api.request<ConversationInfo>(['conversations'], { method: 'POST', query, body });
      go(id);
      close();
    } catch (thrown) {
      const message = trans.__('%1 is not JSON.', file.name);
      const hint = trans.__('Choose a conversation that was exported as JSON, or a .chat file of Jupyter AI.');
      setWrong(thrown instanceof SyntaxError ? { code: 'malformed', message, hint } : thrown);
    }
  };
  return (
    <>
      <button type="button" className="mlc-mini" onClick={() => chooser.current?.click()}>
        {trans.__('Import…')}
      </button>
      <input
        ref={chooser}
        type="file"
        hidden
        accept=".json,.chat,application/json"
        aria-label={trans.__('File to import')}
        onChange={event => {
          const [file] = event.currentTarget.files ?? [];
          event.currentTarget.value = '';
          if (file) {
            void take(file);
          }
        }}
      />
      {wrong !== null && <FaultLine fault={asFault(wrong)} />}
    </>
  );
}
