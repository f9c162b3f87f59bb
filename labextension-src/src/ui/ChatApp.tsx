/** The whole chat. Both shells show this one component. */
import * as React from 'react';
import { Announcer } from './Announcer';
import { Composer } from './Composer';
import type { Host } from './host';
import { newId } from './ids';
import { KernelStrip } from './KernelStrip';
import { Log } from './Log';
import { PersonStrip } from './PersonStrip';
import { isRunning } from './state';
import type { Status, Transport } from './transport';
import { useChat } from './useChat';

const CONNECTION: Record<Status, string> = {
  connecting: 'Connecting',
  open: 'Connected',
  closed: 'Not connected, trying again'
};

/** A sign of typing is given this often at most. */
const TYPING_EVERY_MS = 3000;

export interface ChatAppProps {
  transport: Transport;
  host: Host;
}

export function ChatApp({ transport, host }: ChatAppProps): JSX.Element {
  const chat = useChat(transport, host);
  // Not `useId`: with preact two chats in one page would have the same.
  const [strip] = React.useState(newId);
  const { state, status, context, send } = chat;
  const conversation = state.current ? state.conversations[state.current] : undefined;
  const turns = conversation?.turns ?? [];
  const running = turns.filter(isRunning);
  const outgoing = state.outgoing.filter(one =>
    one.conversation ? one.conversation === state.current : one.notebook === (context.notebook ?? '')
  );

  const stop = (): void => running.forEach(turn => send({ type: 'turn.cancel', turn: turn.id }));
  const ask = (text: string): void =>
    send({ type: 'turn.start', text, context, conversation: conversation?.deleted ? null : state.current });

  const typed = React.useRef(0);
  const typing = (): void => {
    const talks = conversation?.mode && conversation.mode.mode !== 'assistant' && !conversation.deleted;
    if (talks && Date.now() - typed.current > TYPING_EVERY_MS) {
      typed.current = Date.now();
      send({ type: 'presence.set', conversation: conversation.id, state: 'typing' });
    }
  };

  return (
    <div
      className="mlc-root"
      onKeyDown={event => {
        if (event.key === 'Escape' && running.length) {
          event.preventDefault();
          event.stopPropagation();
          stop();
        }
      }}
    >
      <header className="mlc-head">
        <span className="mlc-title" title={conversation?.info?.title}>
          {conversation?.info?.title || 'ML Chat'}
        </span>
        <span className="mlc-connection" data-status={status} title={CONNECTION[status]}>
          {status === 'open' ? '' : `${CONNECTION[status]}…`}
        </span>
        <button type="button" className="mlc-mini" onClick={chat.begin} title="Begin a new conversation">
          New
        </button>
      </header>
      <Log key={state.current ?? ''} turns={turns} outgoing={outgoing} host={host} send={send} again={chat.sendAgain} />
      {state.trouble && (
        <p className="mlc-trouble" role="alert">
          {state.trouble.message} {state.trouble.hint}
        </p>
      )}
      {conversation?.deleted && <p className="mlc-trouble">This conversation was deleted. A message begins a new one.</p>}
      {/* What the service said before the connection was lost is old. */}
      <KernelStrip id={strip} host={host} kernels={status === 'open' ? state.kernels : {}} />
      <PersonStrip conversation={conversation} me={state.me} send={send} />
      <Composer describedBy={strip} running={running.length > 0} onSend={ask} onTyping={typing} onStop={stop} />
      <Announcer conversation={state.current} turns={turns} />
    </div>
  );
}
