/** One pure reducer: `reduce` takes what the service says, `note` what this panel says to it. */
import type {
  Accepted,
  Command,
  CommandId,
  ConversationChanged,
  ConversationDeleted,
  ConversationId,
  ExpertSay,
  FaultEvent,
  Hello,
  ModeChanged,
  Presence,
  Referenced,
  ServerEvent,
  TurnStart
} from '../../protocol.gen';
import { alongIn } from '../bringing/attached';
import { changed, seen } from './kernels';
import { type Conversation, type Me, newConversation, newTurn, type Outgoing, type State, type Turn } from './state';
import { inTurn, notice, refuse, type TurnEvent } from './turn';

type ConversationEvent = TurnEvent | ConversationChanged | ConversationDeleted | ModeChanged | Presence | Referenced;

/** What changes more than its turn. */
const WIDER: { [T in Exclude<ServerEvent['type'], TurnEvent['type']> | 'message']: true } = {
  accepted: true,
  batch: true,
  choices: true,
  'conversation.changed': true,
  'conversation.deleted': true,
  exported: true,
  fault: true,
  hello: true,
  'kernel.changed': true,
  'kernel.view': true,
  llms: true,
  message: true,
  'mode.changed': true,
  pong: true,
  presence: true,
  preview: true,
  referenced: true,
  search: true,
  sent: true
};

export function reduce(state: State, event: ServerEvent): State {
  switch (event.type) {
    case 'hello':
      return { ...state, trouble: null, me: me(event) };
    case 'pong':
    // The connection has told what is in it.
    case 'batch':
      return state;
    case 'sent':
    case 'preview':
    case 'choices':
    case 'llms':
    case 'search':
    case 'exported':
      return without(state, event.command);
    case 'accepted':
      return accepted(state, event);
    case 'fault':
      return refused(state, event);
    case 'kernel.changed':
      return changed(state, event);
    case 'kernel.view':
      return seen(without(state, event.command), event);
    default:
      return event.conversation ? inConversation(state, event.conversation, event) : state;
  }
}

/** `reduce` of one after the other. What follows one another in a turn finds its place once: a past has thousands. */
export function reduceAll(state: State, events: readonly ServerEvent[]): State {
  let now = state;
  let at = 0;
  while (at < events.length) {
    const run = runAt(events, at);
    now = run.length > 1 ? together(now, run) : reduce(now, events[at]);
    at += run.length || 1;
  }
  return now;
}

function me({ principal, experts = false, roles = [], disabled = [], level = 'aggregates', ...may }: Hello): Me {
  const { unapproved = [], lasting = true } = may;
  return { principal, experts, roles, disabled, level, unapproved, lasting };
}

/** Remember a command until it is answered; a question is shown at once. */
export function note(state: State, command: Command): State {
  const sent = { ...state.sent, [command.id]: command };
  if (command.type === 'conversation.open') {
    return { ...state, sent, opening: command.id };
  }
  if (command.type === 'turn.start' || command.type === 'expert.say') {
    const others = state.outgoing.filter(one => one.command !== command.id);
    return { ...state, sent, trouble: null, outgoing: [...others, outgoing(command)] };
  }
  return { ...state, sent, trouble: null };
}

/** Show a conversation that is known already. */
export function show(state: State, conversation: ConversationId | null): State {
  return { ...state, current: conversation };
}

function outgoing(command: TurnStart | ExpertSay): Outgoing {
  return {
    command: command.id,
    again: command,
    text: command.text,
    along: alongIn(command.metadata),
    conversation: command.conversation ?? null,
    notebook: (command.type === 'turn.start' && command.context?.notebook) || '',
    turn: null,
    delivery: 'sending',
    fault: null
  };
}

// -- answers to commands ---------------------------------------------------------------------------------

function accepted(state: State, event: Accepted): State {
  const command = state.sent[event.command];
  if (!command || !event.conversation) {
    return without(state, event.command);
  }
  const conversation = event.conversation;
  const known = ensure(without(state, event.command), conversation);
  if (command.type === 'conversation.open') {
    return state.opening === command.id ? { ...known, opening: null, current: conversation } : known;
  }
  if (command.type === 'turn.start') {
    const turn = event.turn ?? null;
    const told = known.conversations[conversation].turns.some(other => other.id === turn && other.question);
    return {
      ...known,
      current: isShown(state) || state.opening ? state.current : conversation,
      outgoing: state.outgoing.flatMap(one => {
        if (one.command !== command.id) {
          return [one];
        }
        return told ? [] : [{ ...one, conversation, turn, delivery: 'delivered' as const }];
      })
    };
  }
  if (command.type === 'expert.say') {
    // Its text comes with the turn that it answers.
    return { ...known, outgoing: state.outgoing.filter(one => one.command !== command.id) };
  }
  return known;
}

/** Is there a conversation on the screen that goes on? */
function isShown(state: State): boolean {
  return state.current !== null && !state.conversations[state.current]?.deleted;
}

function refused(state: State, event: FaultEvent): State {
  const { fault } = event;
  const command = event.command ? state.sent[event.command] : undefined;
  if (!command) {
    return { ...state, trouble: fault };
  }
  const answered = without(state, command.id);
  switch (command.type) {
    case 'turn.start':
    case 'expert.say': {
      const failed = (one: Outgoing): Outgoing => ({ ...one, delivery: 'error', fault });
      return { ...answered, outgoing: state.outgoing.map(one => (one.command === command.id ? failed(one) : one)) };
    }
    case 'form.submit':
    case 'form.dismiss':
      return atPart(answered, command.turn, command.form, fault);
    case 'approval.give':
      return atPart(answered, command.turn, command.approval, fault);
    case 'conversation.open':
      return { ...answered, opening: state.opening === command.id ? null : state.opening, trouble: fault };
    default:
      return { ...answered, trouble: fault };
  }
}

function atPart(state: State, turn: string, key: string, fault: FaultEvent['fault']): State {
  const conversations = Object.fromEntries(
    Object.entries(state.conversations).map(([id, conversation]) => {
      const turns = conversation.turns.map(one => (one.id === turn ? refuse(one, key, fault) : one));
      return [id, { ...conversation, turns }];
    })
  );
  return { ...state, conversations };
}

function without(state: State, command: CommandId): State {
  if (!(command in state.sent)) {
    return state;
  }
  const { [command]: _, ...sent } = state.sent;
  return { ...state, sent };
}

// -- the journal -----------------------------------------------------------------------------------------

function ensure(state: State, id: ConversationId): State {
  if (state.conversations[id]) {
    return state;
  }
  return { ...state, conversations: { ...state.conversations, [id]: newConversation(id) } };
}

function inConversation(state: State, id: ConversationId, event: ConversationEvent): State {
  const before = state.conversations[id] ?? newConversation(id);
  const seq = event.seq ?? 0;
  const fetched = before.fetching.includes(seq) && event.type !== 'referenced';
  if (seq && seq <= before.seen && !fetched) {
    return state;
  }
  const after: Conversation = {
    ...take(before, event, seq),
    seen: Math.max(before.seen, seq)
  };
  const conversations = { ...state.conversations, [id]: after };
  const told = event.type === 'message' ? state.outgoing.filter(one => one.turn !== event.turn) : state.outgoing;
  return { ...state, conversations, outgoing: told };
}

function take(conversation: Conversation, event: ConversationEvent, seq: number): Conversation {
  switch (event.type) {
    case 'conversation.changed':
      return { ...conversation, info: event.info, deleted: event.info.deleted ?? false };
    case 'conversation.deleted':
      return { ...conversation, deleted: true };
    case 'mode.changed': {
      const told = changeTurn(conversation, `event-${seq}`, seq, turn => atRest(notice(turn, changedMode(event), seq)));
      return { ...told, mode: event };
    }
    case 'presence':
      return { ...conversation, present: { ...conversation.present, [event.who]: event } };
    case 'referenced': {
      // Its turn keeps its place; the event itself comes with the same number.
      const placed = event.turn ? changeTurn(conversation, event.turn, seq, turn => turn) : conversation;
      return { ...placed, fetching: [...conversation.fetching, seq] };
    }
    default: {
      const fetching = conversation.fetching.filter(number => number !== seq);
      const changed = event.turn
        ? changeTurn(conversation, event.turn, seq, turn => inTurn(turn, event))
        : changeTurn(conversation, `event-${seq}`, seq, turn => atRest(inTurn(turn, event)));
      return event.type === 'message' ? quiet({ ...changed, fetching }, event.author ?? '') : { ...changed, fetching };
    }
  }
}

/** Events that follow one another in a turn and change nothing but it. */
function runAt(events: readonly ServerEvent[], start: number): TurnEvent[] {
  const first = events[start];
  const run: TurnEvent[] = [];
  for (let at = start; at < events.length; at++) {
    const event = events[at];
    if (!isOfTurn(event) || event.conversation !== first.conversation || event.turn !== first.turn) {
      break;
    }
    run.push(event);
  }
  return run;
}

function isOfTurn(event: ServerEvent): event is TurnEvent {
  return Boolean(event.turn && event.conversation) && !(event.type in WIDER);
}

function together(state: State, run: TurnEvent[]): State {
  const [{ conversation: id, turn }] = run;
  const before = state.conversations[id!] ?? newConversation(id!);
  if (before.fetching.length) {
    return run.reduce(reduce, state);
  }
  let { seen } = before;
  const news = run.filter(({ seq = 0 }) => {
    const isNew = !seq || seq > seen;
    seen = Math.max(seen, seq);
    return isNew;
  });
  if (!news.length) {
    return state;
  }
  const after = changeTurn(before, turn!, news[0].seq ?? 0, one => news.reduce(inTurn, one));
  return { ...state, conversations: { ...state.conversations, [id!]: { ...after, seen } } };
}

/** What is of no turn has nothing to wait for. */
function atRest(turn: Turn): Turn {
  return { ...turn, state: 'completed' };
}

/** Who has said something does not type any more. */
function quiet(conversation: Conversation, author: string): Conversation {
  const who = author || conversation.info?.owner || '';
  const known = conversation.present[who];
  return known ? { ...conversation, present: { ...conversation.present, [who]: { ...known, state: 'online' } } } : conversation;
}

function changedMode({ why, mode, expert, by }: ModeChanged): string {
  const words: { [W in ModeChanged['why']]: string } = {
    requested: 'A person was asked for.',
    claimed: `${expert} has joined.`,
    assigned: `${expert} was asked to join.`,
    released: 'The person has left; somebody else will join.',
    lost: 'The person is gone; somebody else will join.',
    switched: mode === 'direct' ? 'People talk directly now.' : 'The assistant may be asked again.',
    ended: `Back to the assistant${by ? ` (${by})` : ''}.`
  };
  return words[why];
}

function changeTurn(
  conversation: Conversation,
  id: string,
  seq: number,
  change: (turn: Conversation['turns'][number]) => Conversation['turns'][number]
): Conversation {
  const turns = conversation.turns.slice();
  // Most is said of the last ones.
  let at = turns.length - 1;
  while (at >= 0 && turns[at].id !== id) {
    at--;
  }
  if (at < 0) {
    turns.push(change(newTurn(id, seq)));
  } else {
    turns[at] = change(turns[at]);
  }
  return { ...conversation, turns };
}
