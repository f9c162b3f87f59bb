/** What one event does to one turn. */
import type {
  Accepted,
  Batch,
  ChoicesTold,
  ConversationChanged,
  ConversationDeleted,
  Exported,
  FaultEvent,
  FaultRecord,
  Hello,
  KernelChanged,
  KernelGlance,
  LlmsTold,
  Mark,
  Message,
  ModeChanged,
  Pong,
  Presence,
  Previewed,
  Referenced,
  SearchTold,
  Sent,
  ServerEvent,
  TextSnapshot
} from '../../protocol.gen';
import { alongIn } from '../bringing/attached';
import type { Part, TextPart, ToolPart, Turn } from './state';
import { place, whole } from './text';

type OfConnection =
  | Hello
  | Batch
  | Pong
  | Accepted
  | Sent
  | Previewed
  | ChoicesTold
  | LlmsTold
  | SearchTold
  | Exported
  | FaultEvent
  | KernelChanged
  | KernelGlance;
type OfConversation = ConversationChanged | ConversationDeleted | ModeChanged | Presence | Referenced;
export type TurnEvent = Exclude<ServerEvent, OfConnection | OfConversation>;

export function inTurn(turn: Turn, event: TurnEvent): Turn {
  switch (event.type) {
    case 'message':
      return said(turn, event);
    case 'turn.queued':
      return { ...again(turn), state: 'queued', position: event.position };
    case 'turn.started':
      return { ...again(turn), state: 'active', llm: event.llm, position: 0 };
    case 'turn.waiting':
      return { ...endSteps(turn, true), state: 'waiting', waitsFor: event.waits_for, detail: event.detail ?? '' };
    case 'step.started': {
      const key = `${event.attempt ?? ''}-${event.step}`;
      const step = { key, name: event.name, detail: event.detail ?? '', began: event.time ?? 0, elapsedMs: null, ok: true };
      return { ...turn, steps: [...turn.steps.filter(other => other.key !== key), step] };
    }
    case 'step.ended': {
      const key = `${event.attempt ?? ''}-${event.step}`;
      const ended = { elapsedMs: event.elapsed_ms ?? 0, ok: event.ok ?? true };
      return { ...turn, steps: turn.steps.map(step => (step.key === key ? { ...step, ...ended } : step)) };
    }
    case 'text.delta':
      return stream(turn, 'text', event.attempt ?? '', event.offset, event.text, event.marks);
    case 'thinking.delta':
      return stream(turn, 'thinking', event.attempt ?? '', event.offset, event.text);
    case 'text.snapshot':
      return snapshot(turn, event);
    case 'tool.called': {
      const { tool, args = {}, effect = 'read' } = event;
      const part: ToolPart = { kind: 'tool', key: event.call, tool, args, effect, progress: null, result: null };
      return put(turn, part);
    }
    case 'tool.returned': {
      const known = turn.parts.find((part): part is ToolPart => part.kind === 'tool' && part.key === event.call);
      const { call: key, tool, result } = event;
      return put(turn, { kind: 'tool', key, tool, args: {}, effect: 'read', ...known, progress: null, result });
    }
    case 'progress':
      return edit(turn, 'tool', event.call, part => (part.result ? part : { ...part, progress: event }));
    case 'form.asked':
      return put(turn, { kind: 'form', key: event.form, call: event.call ?? '', spec: event.spec, closed: null, fault: null });
    case 'form.closed':
      return edit(turn, 'form', event.form, part => ({ ...part, closed: event, fault: null }));
    case 'approval.asked':
      return put(turn, { kind: 'approval', key: event.approval, asked: event, closed: null, fault: null });
    case 'approval.closed':
      return edit(turn, 'approval', event.approval, part => ({ ...part, closed: event, fault: null }));
    case 'notice':
      return coded(notice(turn, event.text, event.seq), event.code);
    case 'feedback.given':
      return { ...turn, score: event.score, remark: event.text ?? '' };
    case 'evaluation':
      return { ...turn, evaluation: event };
    case 'review.asked':
      return { ...turn, review: { asked: event, closed: null } };
    case 'review.closed':
      return { ...turn, review: { asked: turn.review?.asked ?? null, closed: event } };
    case 'experiment.assigned':
      return notice(turn, event.text, event.seq);
    case 'usage': {
      const { prompt_tokens = 0, completion_tokens = 0, cost = null } = event.usage;
      const paid = cost === null ? turn.cost : (turn.cost ?? 0) + cost;
      return { ...turn, tokens: turn.tokens + prompt_tokens + completion_tokens, cost: paid };
    }
    case 'turn.ended':
      return {
        ...endSteps(turn, event.state === 'completed'),
        state: event.state,
        waitsFor: null,
        detail: '',
        fault: event.fault ?? null,
        answeredBy: event.answered_by ?? '',
        unverified: event.unverified ?? []
      };
    default:
      return unknown(turn, event satisfies never);
  }
}

/** Set what is wrong with the answer that was given to a form or an approval. */
export function refuse(turn: Turn, key: string, fault: FaultRecord): Turn {
  const parts = turn.parts.map(part =>
    (part.kind === 'form' || part.kind === 'approval') && part.key === key && !part.closed ? { ...part, fault } : part
  );
  return { ...turn, parts };
}

/** What a newer service says and this panel does not know. A live event without words is passed over. */
function unknown(turn: Turn, event: unknown): Turn {
  const { type, text, seq = 0, ...rest } = event as { type: string; text?: unknown; seq?: number };
  const said = typeof text === 'string' ? text : '';
  if (!said && !seq) {
    return turn;
  }
  const key = `${type}-${seq || turn.parts.length}`;
  return put(turn, { kind: 'other', key, type, text: said || `(${type})`, event: rest });
}

/** An expert answers within a turn, and may also ask the assistant. */
function said(turn: Turn, event: Message): Turn {
  const { text, seq = 0, author = '', role = 'user' } = event;
  if (role === 'expert' && event.to !== 'assistant') {
    return put(turn, { kind: 'person', key: `person-${seq}`, text, author });
  }
  return { ...turn, question: text, along: alongIn(event.metadata), images: event.images ?? [], role };
}

export function notice(turn: Turn, text: string, seq = 0): Turn {
  return put(turn, { kind: 'notice', key: `notice-${seq || turn.parts.length}`, text });
}

/** What some words of the service mean for the turn, besides what they say. */
const CODED: { readonly [code: string]: Partial<Turn> } = {
  frozen: { frozen: true },
  unfrozen: { frozen: false },
  synonym: { synonym: true },
  synonym_forgotten: { synonym: false }
};

function coded(turn: Turn, code = ''): Turn {
  return { ...turn, ...CODED[code] };
}

/** A turn that had ended goes on: how it ended stays in sight. */
function again(turn: Turn): Turn {
  const told = turn.fault ? notice(turn, turn.fault.message, turn.parts.length) : turn;
  return { ...told, waitsFor: null, detail: '', fault: null, answeredBy: '', unverified: [], evaluation: null, review: null };
}

function endSteps(turn: Turn, ok: boolean): Turn {
  if (turn.steps.every(step => step.elapsedMs !== null)) {
    return turn;
  }
  const steps = turn.steps.map(step => (step.elapsedMs === null ? { ...step, elapsedMs: 0, ok } : step));
  return { ...turn, steps };
}

function put(turn: Turn, part: Part): Turn {
  const at = turn.parts.findIndex(other => other.key === part.key);
  const parts = at < 0 ? [...turn.parts, part] : turn.parts.map((other, index) => (index === at ? part : other));
  return { ...turn, parts };
}

function edit<K extends Part['kind']>(
  turn: Turn,
  kind: K,
  key: string,
  change: (part: Extract<Part, { kind: K }>) => Part
): Turn {
  const parts = turn.parts.map(part =>
    part.kind === kind && part.key === key ? change(part as Extract<Part, { kind: K }>) : part
  );
  return { ...turn, parts };
}

// -- text ------------------------------------------------------------------------------------------------

function isText(part: Part): part is TextPart {
  return part.kind === 'text' || part.kind === 'thinking';
}

function openText(turn: Turn, kind: TextPart['kind'], attempt: string): TextPart | undefined {
  return turn.parts.filter(isText).find(part => part.kind === kind && part.attempt === attempt && !part.final);
}

function newText(turn: Turn, kind: TextPart['kind'], attempt: string): TextPart {
  const count = turn.parts.filter(isText).length;
  return { kind, key: `${attempt}-text-${count}`, attempt, text: '', length: 0, marks: [], final: false };
}

function stream(turn: Turn, kind: TextPart['kind'], attempt: string, offset: number, piece: string, marks: readonly Mark[] = []): Turn {
  const open = openText(turn, kind, attempt);
  const closed = turn.parts.filter(isText).some(part => part.kind === 'text' && part.attempt === attempt && part.final);
  if (!open && closed) {
    // An echo of what has been stored meanwhile.
    return turn;
  }
  const part = open ?? newText(turn, kind, attempt);
  return put(turn, { ...part, ...place(part, offset, piece), marks: joined(part.marks, marks) });
}

function snapshot(turn: Turn, event: TextSnapshot): Turn {
  const attempt = event.attempt ?? '';
  const kind = event.kind === 'thinking' ? 'thinking' : 'text';
  const same = openText(turn, kind, attempt);
  const said = openText(turn, 'text', attempt);
  // What was said before a tool call was thinking aloud: the service takes it back by this snapshot.
  const retracted = kind === 'thinking' && !same && said && event.text.startsWith(said.text) ? said : undefined;
  const part = same ?? retracted ?? newText(turn, kind, attempt);
  return put(turn, { ...part, kind, ...whole(event.text), marks: event.marks ?? [], final: event.final ?? false });
}

/** A delta that is told twice brings its marks twice. */
function joined(before: readonly Mark[], more: readonly Mark[]): readonly Mark[] {
  const fresh = more.filter(mark => !before.some(other => other.start === mark.start));
  return fresh.length ? [...before, ...fresh] : before;
}
