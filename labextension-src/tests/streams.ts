/** Event streams: those that the service's own tests have recorded, and small ones made here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerEvent } from '../src/protocol.gen';
import { reduce } from '../src/ui/state/reducer';
import { initial, type Conversation, type State, type Turn } from '../src/ui/state/state';

/** Folder of the recorded streams; the bundler puts it in. */
declare const GOLDEN: string;

export function recorded(): [string, ServerEvent[]][] {
  const names = readdirSync(GOLDEN).filter(name => name.endsWith('.json'));
  return names.map(name => [name.replace('.json', ''), JSON.parse(readFileSync(join(GOLDEN, name), 'utf8'))]);
}

export function play(events: readonly ServerEvent[], before: State = initial): State {
  return events.reduce(reduce, before);
}

export function only(state: State): Conversation {
  const all = Object.values(state.conversations);
  if (all.length !== 1) {
    throw new Error(`${all.length} conversations`);
  }
  return all[0];
}

export function turnsOf(state: State): readonly Turn[] {
  return Object.values(state.conversations).flatMap(conversation => conversation.turns);
}

export function lastTurn(state: State): Turn {
  const { turns } = only(state);
  return turns[turns.length - 1];
}

/** Events of turn `t` in conversation `c`; the stored ones get their numbers in order. */
export function script(...events: Partial<ServerEvent>[]): ServerEvent[] {
  const live = new Set(['text.delta', 'thinking.delta', 'progress', 'accepted', 'fault']);
  let seq = 0;
  return events.map(event => ({
    conversation: 'c',
    turn: 't',
    attempt: 'a',
    ...(live.has(event.type ?? '') ? {} : { seq: ++seq }),
    ...event
  })) as ServerEvent[];
}
