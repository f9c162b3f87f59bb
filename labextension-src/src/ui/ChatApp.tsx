/** The whole chat. Both shells show this one component. */
import * as React from 'react';
import type { Picture } from '../protocol.gen';
import { type App, AppContext, MeContext } from './app';
import { Announcer } from './turns/Announcer';
import { type Along, taking } from './bringing/attached';
import { Composer } from './bringing/Composer';
import { contextOf } from './conversations/elsewhere';
import { Standing } from './conversations/Standing';
import { useGoing } from './conversations/useGoing';
import type { Handle } from './handle';
import { Head } from './Head';
import type { Host } from './host';
import { newId } from './wire/ids';
import { KernelStrip } from './kernel/KernelStrip';
import { Notifier } from './kernel/Notifier';
import { Log } from './turns/Log';
import { PersonStrip } from './people/PersonStrip';
import { useVisit } from './people/useVisit';
import { Sheet } from './sheets/Sheet';
import { sheetsOf } from './sheets/sheets';
import { hasEnded, isRunning } from './state/state';
import { useSettingsOf } from './settings';
import { LineContext } from './turns/line';
import { useIdle } from './wire/idle';
import type { Transport } from './wire/transport';
import { useChat } from './state/useChat';
import { english, TransContext } from './trans';

/** A sign of typing is given this often at most. */
const TYPING_EVERY_MS = 3000;

export interface ChatAppProps {
  transport: Transport;
  host: Host;
  /** Calls with what commands may do, and with null when the chat is gone. */
  onHandle?: (handle: Handle | null) => void;
}

export function ChatApp({ transport, host, onHandle }: ChatAppProps): JSX.Element {
  const chat = useChat(transport, host);
  const trans = host.trans ?? english;
  const [sheet, setSheet] = React.useState<{ name: string; about: string } | null>(null);
  // Not `useId`: with preact two chats in one page would have the same.
  const [strip] = React.useState(newId);
  const { state, status, context, send, ask: request, now } = chat;
  const conversation = state.current ? state.conversations[state.current] : undefined;
  const turns = conversation?.turns ?? [];
  const visit = useVisit(chat);
  // Only whose they are can stop them.
  const running = visit.owner ? [] : turns.filter(isRunning);
  const outgoing = state.outgoing.filter(one =>
    one.conversation ? one.conversation === state.current : one.notebook === (context.notebook ?? '')
  );

  const current = React.useRef(conversation);
  current.current = conversation;
  const line = React.useMemo(() => running.map(turn => turn.id), [running.map(turn => turn.id).join(' ')]);

  // The last one first: else the next in line begins before it is stopped too.
  const stop = (): void => [...running].reverse().forEach(turn => send({ type: 'turn.cancel', turn: turn.id }));
  const ask = (text: string, along: readonly Along[], images?: readonly Picture[]): void => {
    if (visit.owner) {
      visit.say(text);
      return;
    }
    // The place of this moment: an explanation may be wanted of a notebook that has just become the active one.
    const at = host.context();
    const here = at.notebook === context.notebook && at.kernel === context.kernel && !conversation?.deleted;
    const place = here ? contextOf(conversation, at) : at;
    send({ type: 'turn.start', text, ...taking(along, place, images), conversation: here ? state.current : null });
  };

  const settings = useSettingsOf(host.settings);
  useIdle(transport, host.sight, turns.some(turn => !hasEnded(turn)), settings.idleMinutes);

  const typed = React.useRef(0);
  const typing = (): void => {
    const talks = conversation?.mode && conversation.mode.mode !== 'assistant' && !conversation.deleted;
    if (talks && Date.now() - typed.current > TYPING_EVERY_MS) {
      typed.current = Date.now();
      send({ type: 'presence.set', conversation: conversation.id, state: 'typing' });
    }
  };

  const open = React.useCallback((name: string, about = '') => setSheet({ name, about }), []);
  const seen = React.useCallback(() => current.current, []);
  const [drafts] = React.useState(() => new Map<string, unknown>());
  const { wanted, go } = useGoing(chat);
  const { begin } = visit;
  const app = React.useMemo<App>(
    () => ({ host, send, ask: request, now, open, go, shown: seen, typed: drafts, visit: begin }),
    [host, send, request, now, open, go, seen, drafts, begin]
  );
  const shown = sheetsOf(host).find(one => one.name === sheet?.name);
  const close = (): void => setSheet(null);

  const root = React.useRef<HTMLDivElement>(null);
  const focus = (): void => root.current?.querySelector<HTMLElement>('.mlc-composer textarea')?.focus();
  const handle: Handle = { begin: chat.begin, stop, running: () => running.length > 0, open, focus };
  const latest = React.useRef(handle);
  latest.current = handle;
  React.useEffect(() => {
    onHandle?.({
      begin: () => latest.current.begin(),
      stop: () => latest.current.stop(),
      running: () => latest.current.running(),
      open: (name, about) => latest.current.open(name, about),
      focus: () => latest.current.focus()
    });
    return () => onHandle?.(null);
  }, [onHandle]);

  return (
    <TransContext.Provider value={trans}>
      <AppContext.Provider value={app}>
        <div
          className="mlc-root"
          ref={root}
          onKeyDown={event => {
            if (event.key === 'Escape' && running.length) {
              event.preventDefault();
              event.stopPropagation();
              stop();
            }
          }}
        >
          <Head
            conversation={conversation}
            me={state.me}
            status={status}
            begin={chat.begin}
            items={sheetsOf(host).filter(one => one.listed(chat, host)).map(one => ({
              name: one.name,
              label: one.title(trans),
              act: () => open(one.name)
            }))}
          />
          <div className="mlc-middle">
            <LineContext.Provider value={line}>
              <MeContext.Provider value={state.me}>
                <Log
                  key={state.current ?? ''}
                  turns={turns}
                  outgoing={outgoing}
                  host={host}
                  send={send}
                  again={chat.sendAgain}
                  sought={wanted?.conversation === state.current ? wanted : null}
                />
              </MeContext.Provider>
            </LineContext.Provider>
            {shown && sheet && (
              <Sheet key={`${sheet.name} ${sheet.about}`} title={shown.title(trans)} close={close}>
                <shown.View chat={chat} host={host} about={sheet.about} close={close} />
              </Sheet>
            )}
          </div>
          {state.trouble && (
            <p className="mlc-trouble" role="alert">
              {state.trouble.message} {state.trouble.hint}
            </p>
          )}
          {conversation && <Standing key={conversation.id} conversation={conversation} notebook={context.notebook ?? ''} />}
          <KernelStrip id={strip} chat={chat} host={host} />
          <Notifier chat={chat} host={host} />
          <PersonStrip conversation={conversation} me={state.me} send={send} visit={visit} />
          <Composer
            chat={chat}
            describedBy={strip}
            running={running.length > 0}
            asked={() => turns.flatMap(turn => (turn.role === 'user' && turn.question ? [turn.question] : []))}
            onSend={ask}
            onTyping={typing}
            onStop={stop}
          />
          <Announcer conversation={state.current} turns={turns} />
        </div>
      </AppContext.Provider>
    </TransContext.Provider>
  );
}
