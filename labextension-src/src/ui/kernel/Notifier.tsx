/** Tells a person who looks elsewhere that an answer is there, or that a long cell has ended. Never what was said. */
import * as React from 'react';
import type { ConversationId, TurnId } from '../../protocol.gen';
import type { Host } from '../host';
import { isRunning, type State } from '../state/state';
import type { Chat } from '../state/useChat';
import { useTrans } from '../trans';
import { tell, wanted } from './notify';
import { useKernel } from './now';

/** Nobody waits elsewhere for a shorter cell. */
export const LONG_MS = 30_000;

/** The turns at work, and the conversation of each. */
export function atWork(state: State): ReadonlyMap<TurnId, ConversationId> {
  const found = new Map<TurnId, ConversationId>();
  for (const { id, turns } of Object.values(state.conversations)) {
    turns.filter(isRunning).forEach(turn => found.set(turn.id, id));
  }
  return found;
}

/** The conversations in which something came to rest between the two. */
export function rested(
  before: ReadonlyMap<TurnId, ConversationId>,
  after: ReadonlyMap<TurnId, ConversationId>
): readonly ConversationId[] {
  return [...new Set([...before].filter(([turn]) => !after.has(turn)).map(([, conversation]) => conversation))];
}

export function Notifier({ chat, host }: { chat: Chat; host: Host }): null {
  const trans = useTrans();
  const kernel = useKernel(chat, host);
  const { id, busy, gone, since, notebook } = kernel;
  const before = React.useRef<ReadonlyMap<TurnId, ConversationId>>(new Map());
  const away = (): boolean => document.visibilityState === 'hidden' && wanted();
  const { conversations, current } = chat.state;
  React.useEffect(() => {
    const now = atWork(chat.state);
    const over = rested(before.current, now);
    before.current = now;
    if (over.length && away()) {
      const named = (one: ConversationId): string => (one === current ? notebook : (conversations[one]?.info?.notebook ?? ''));
      over.forEach(one => tell(trans.__('ML Chat has answered'), named(one)));
    }
  }, [conversations]);

  const cell = React.useRef({ id: '', since: 0, busy: false });
  React.useEffect(() => {
    const { id: which, since: began, busy: ran } = cell.current;
    cell.current = { id, since, busy };
    if (ran && !busy && !gone && which === id && performance.now() - began >= LONG_MS && away()) {
      tell(trans.__('A cell has ended'), notebook);
    }
  }, [id, busy, since]);
  return null;
}
