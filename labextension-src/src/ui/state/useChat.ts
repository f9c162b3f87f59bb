/** The state of the chat, kept by the reducer, and what a person can do. */
import * as React from 'react';
import { Code, type Context, type ConversationId, type ConversationInfo, type ServerEvent } from '../../protocol.gen';
import type { Draft } from '../wire/commands';
import type { Host } from '../host';
import { newId } from '../wire/ids';
import { note, reduce, reduceAll, show } from './reducer';
import { initial, type State } from './state';
import type { Status, Transport } from '../wire/transport';

/** Events are gathered this long, so that a stream does not redraw for each word. */
const GATHER_MS = 16;

export interface Chat {
  state: State;
  status: Status;
  context: Context;
  send(draft: Draft): void;
  /** Send, and wait for the answer: `accepted`, or what was asked for. Rejects with a `FaultRecord`. */
  ask<E extends ServerEvent['type']>(draft: Draft, answer: E): Promise<Extract<ServerEvent, { type: E }>>;
  /** The same command again. */
  sendAgain(command: string): void;
  /** Milliseconds on the service's clock; this machine's may be wrong. */
  now(): number;
  begin(): void;
  /** Show somebody else's conversation: this place keeps its own. */
  visit(conversation: ConversationId): void;
  /** Back to this place's own. */
  home(): void;
}

type Change = (state: State) => State;

export function useChat(transport: Transport, host: Host): Chat {
  const [state, dispatch] = React.useReducer((before: State, change: Change) => change(before), initial);
  const [status, setStatus] = React.useState<Status>('connecting');
  const [context, setContext] = React.useState<Context>(() => host.context());
  const latest = React.useRef(state);
  latest.current = state;
  /** How far the service's clock is ahead of ours. */
  const ahead = React.useRef(0);
  const places = React.useRef(new Map<string, ConversationId>());
  /** Commands whose refusal is shown by whoever asked. */
  const asked = React.useRef(new Set<string>());
  const visited = React.useRef(new Set<ConversationId>());

  React.useEffect(() => {
    const gathered: ServerEvent[] = [];
    let timer = 0;
    const flush = (): void => {
      timer = 0;
      const events = gathered.splice(0);
      dispatch(before => reduceAll(before, events));
    };
    const take = (event: ServerEvent): void => {
      if (event.type === 'accepted' && event.time) {
        ahead.current = event.time * 1000 - Date.now();
      }
      if (event.type === 'fault' && event.command && asked.current.delete(event.command)) {
        return;
      }
      gathered.push(event);
      timer ||= window.setTimeout(flush, GATHER_MS);
      if (event.type === 'referenced') {
        fetchInto(host, event.ref, take);
      }
    };
    const ends = [transport.onEvent(take), transport.onStatus(setStatus)];
    return () => {
      ends.forEach(end => end());
      window.clearTimeout(timer);
    };
  }, [transport, host]);

  React.useEffect(() => host.onContext(() => setContext(before => merged(before, host.context()))), [host]);

  const send = React.useCallback(
    (draft: Draft) => {
      const command = { ...draft, id: newId() };
      dispatch(before => note(before, command));
      transport.send(command);
    },
    [transport]
  );

  const ask = React.useCallback(
    <E extends ServerEvent['type']>(draft: Draft, answer: E): Promise<Extract<ServerEvent, { type: E }>> => {
      const command = { ...draft, id: newId() };
      asked.current.add(command.id);
      return new Promise((resolve, reject) => {
        const end = transport.onEvent(event => {
          if (!('command' in event) || event.command !== command.id) {
            return;
          }
          if (event.type === 'fault') {
            end();
            reject(event.fault);
          } else if (event.type === answer) {
            end();
            asked.current.delete(command.id);
            resolve(event as Extract<ServerEvent, { type: E }>);
          }
        });
        transport.send(command);
      });
    },
    [transport]
  );

  // The panel shows the conversation of the place it stands at. The server knows which one that is.
  const place = placeOf(context);
  React.useEffect(() => {
    const known = places.current.get(place) ?? null;
    dispatch(before => show(before, known));
    const recalled = place ? null : (known ?? host.recall?.() ?? null);
    if (place || recalled) {
      send({ type: 'conversation.open', context, conversation: recalled });
    }
    // The rest of the context changes with the place, or does not matter here.
  }, [place, context.kernel, send]);

  React.useEffect(
    () =>
      host.onRename?.((before, after) => {
        const conversation = places.current.get(before);
        if (conversation) {
          places.current.delete(before);
          places.current.set(after, conversation);
          send({ type: 'conversation.update', conversation, notebook: after });
        }
      }),
    [host, send]
  );

  const { current, opening } = state;
  // Who takes up a conversation hears what happens in it, but not how it stood before.
  const unknown = current !== null && !opening && !state.conversations[current]?.info;
  React.useEffect(() => {
    if (current && unknown) {
      const told = host.api?.request<ConversationInfo>(['conversations', current]);
      told?.then(
        info => dispatch(before => reduce(before, { type: 'conversation.changed', conversation: current, info })),
        // It is gone, which the socket says too, or is asked for again with the next one.
        () => undefined
      );
    }
  }, [host, current, unknown]);

  React.useEffect(() => {
    if (current && !opening && !visited.current.has(current)) {
      places.current.set(place, current);
      if (!place) {
        host.remember?.(current);
      }
    }
    // Not when the place changes: `current` is then still the old one's.
  }, [current, opening]);

  return {
    state,
    status,
    context,
    send,
    ask,
    sendAgain: React.useCallback(
      (id: string) => {
        const failed = latest.current.outgoing.find(one => one.command === id);
        const command = failed?.again;
        if (command) {
          dispatch(before => note(before, command));
          transport.send(command);
        }
      },
      [transport]
    ),
    now: React.useCallback(() => Date.now() + ahead.current, []),
    begin: React.useCallback(() => send({ type: 'conversation.open', context, new: true }), [context, send]),
    visit: React.useCallback(
      (conversation: ConversationId) => {
        visited.current.add(conversation);
        send({ type: 'conversation.open', conversation });
      },
      [send]
    ),
    home: React.useCallback(
      () => send({ type: 'conversation.open', context, conversation: places.current.get(place) ?? null }),
      [context, place, send]
    )
  };
}

function placeOf(context: Context): string {
  return context.notebook || (context.kernel ? `kernel ${context.kernel}` : '');
}

/** The same object while nothing has changed. */
function merged(before: Context, after: Context): Context {
  const same =
    before.notebook === after.notebook &&
    before.kernel === after.kernel &&
    before.cell === after.cell &&
    String(before.attached) === String(after.attached);
  return same ? before : after;
}

function fetchInto(host: Host, ref: string, take: (event: ServerEvent) => void): void {
  const message = 'A large part of this conversation could not be fetched.';
  const failed: ServerEvent = {
    type: 'fault',
    fault: { code: Code.NOT_FOUND, message, hint: 'Reload the page to try again.' }
  };
  const fetched = host.fetchBlob?.(ref) ?? Promise.reject(new Error(ref));
  fetched.then(take, () => take(failed));
}
