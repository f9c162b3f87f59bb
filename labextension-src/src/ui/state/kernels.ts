/** What is known of kernels: how they stand, and what was last seen in them. */
import type { KernelChanged, KernelGlance, KernelId } from '../../protocol.gen';
import { newTurn, type State } from './state';
import { notice } from './turn';

/** What was last seen of a kernel. `before`: its cards are of a process that is gone. */
export interface Look {
  told: KernelGlance;
  before: boolean;
}

const RESTARTED = 'The kernel is restarted here: what was said above is about models and data that are gone.';

export function changed(state: State, event: KernelChanged): State {
  const gone = event.state === 'restarting' || event.state === 'dead';
  const look = state.looks[event.kernel];
  const known = look && (gone || event.state !== 'busy');
  const looks = known ? { ...state.looks, [event.kernel]: { told: idle(look.told), before: look.before || gone } } : state.looks;
  const now = { ...state, looks, kernels: { ...state.kernels, [event.kernel]: event } };
  return event.state === 'restarting' && event.conversation ? marked(now, event.conversation, event.time ?? 0) : now;
}

/** A glance without cards leaves those that were seen before, unless the process is another one. */
export function seen(state: State, event: KernelGlance): State {
  const look = state.looks[event.kernel];
  const { models, n_models, frames, n_frames } = event.models ? event : (look?.told ?? event);
  const told = { ...event, models, n_models, frames, n_frames, signature: null };
  const before = !event.models && look !== undefined && (look.before || look.told.run !== event.run);
  return { ...state, looks: { ...state.looks, [event.kernel]: { told, before } } };
}

/** A widget does not always know what its kernel is called; it has seen only that one. */
export function lookOf(state: State, kernel: KernelId): Look | undefined {
  return kernel ? state.looks[kernel] : Object.values(state.looks)[0];
}

function idle(told: KernelGlance): KernelGlance {
  return told.running ? { ...told, running: null } : told;
}

/** A line in the log, below what was said of the process that is gone; one is enough. */
function marked(state: State, id: string, time: number): State {
  const conversation = state.conversations[id];
  const last = conversation?.turns[conversation.turns.length - 1];
  if (!last || last.id.startsWith('restart-')) {
    return state;
  }
  const line = { ...notice(newTurn(`restart-${time}-${conversation.turns.length}`, 0), RESTARTED), state: 'completed' as const };
  const turns = [...conversation.turns, line];
  return { ...state, conversations: { ...state.conversations, [id]: { ...conversation, turns } } };
}
