/** What the panel knows, as built from events by `reducer.ts`. Everything here is immutable. */
import type {
  ApprovalAsked,
  ApprovalClosed,
  Command,
  CommandId,
  ConversationId,
  ConversationInfo,
  Effect,
  Evaluation,
  ExpertSay,
  FaultRecord,
  Form,
  FormClosed,
  KernelChanged,
  KernelId,
  Level,
  Mark,
  ModeChanged,
  Picture,
  Presence,
  Progress,
  ReviewAsked,
  ReviewClosed,
  Role,
  ToolResult,
  TurnId,
  TurnStart,
  TurnState,
  WaitsFor
} from '../../protocol.gen';
import type { Along } from '../bringing/attached';
import type { Look } from './kernels';

export interface TextPart {
  kind: 'text' | 'thinking';
  key: string;
  attempt: string;
  text: string;
  /** Length of `text` in characters as the service counts them: code points, not UTF-16 units. */
  length: number;
  /** Where its numbers and names come from, in the order of the text. */
  marks: readonly Mark[];
  final: boolean;
}

export interface ToolPart {
  kind: 'tool';
  key: string;
  tool: string;
  args: { [name: string]: unknown };
  effect: Effect;
  progress: Progress | null;
  result: ToolResult | null;
}

export interface FormPart {
  kind: 'form';
  key: string;
  /** The tool call that it asks for; '' for a choice. */
  call: string;
  spec: Form;
  closed: FormClosed | null;
  /** Why the last answer was not taken. */
  fault: FaultRecord | null;
}

export interface ApprovalPart {
  kind: 'approval';
  key: string;
  asked: ApprovalAsked;
  closed: ApprovalClosed | null;
  fault: FaultRecord | null;
}

/** A word of the service, or the text twin of an event that this panel does not know. */
export interface NoticePart {
  kind: 'notice';
  key: string;
  text: string;
}

/** What a newer service, or one with further packages, tells and this panel does not know by itself. */
export interface OtherPart {
  kind: 'other';
  key: string;
  /** The event's own kind, under which a view may be registered. */
  type: string;
  /** In words, for pages without such a view. */
  text: string;
  event: { readonly [name: string]: unknown };
}

/** What a person said in the assistant's place. */
export interface PersonPart {
  kind: 'person';
  key: string;
  text: string;
  author: string;
}

export type Part = TextPart | ToolPart | FormPart | ApprovalPart | NoticePart | PersonPart | OtherPart;

export interface Step {
  key: string;
  name: string;
  detail: string;
  /** Seconds on the service's clock, 0 where that is not known. */
  began: number;
  /** Null while it lasts. */
  elapsedMs: number | null;
  ok: boolean;
}

/** A person looks at the answer, or has. */
export interface Review {
  asked: ReviewAsked | null;
  closed: ReviewClosed | null;
}

export interface Turn {
  id: TurnId;
  /** The number of its first event, 0 while that is not known. */
  seq: number;
  question: string;
  /** What went along with the question by reference. */
  along: readonly Along[];
  /** Pictures that came with it. */
  images: readonly Picture[];
  role: 'user' | 'expert';
  state: TurnState;
  position: number;
  waitsFor: WaitsFor | null;
  detail: string;
  llm: string;
  steps: readonly Step[];
  parts: readonly Part[];
  fault: FaultRecord | null;
  answeredBy: string;
  unverified: readonly string[];
  score: number;
  /** What was said with the thumb. */
  remark: string;
  /** Its question gets this answer whenever it is asked. */
  frozen: boolean;
  /** Its question is read as what the person said they meant. */
  synonym: boolean;
  /** What was measured of its answer, once that is known. */
  evaluation: Evaluation | null;
  review: Review | null;
  cost: number | null;
  tokens: number;
}

export interface Conversation {
  id: ConversationId;
  info: ConversationInfo | null;
  /** The highest number that has been taken. */
  seen: number;
  /** Numbers of events that are on their way as blobs. */
  fetching: readonly number[];
  turns: readonly Turn[];
  /** Who answers; null while nobody was ever asked for. */
  mode: ModeChanged | null;
  /** What was last heard of each person who is there. */
  present: { readonly [who: string]: Presence };
  deleted: boolean;
}

/** What a person said, until the journal says it. */
export interface Outgoing {
  command: CommandId;
  /** What to send once more when it was not taken. */
  again: TurnStart | ExpertSay;
  text: string;
  along: readonly Along[];
  conversation: ConversationId | null;
  notebook: string;
  turn: TurnId | null;
  delivery: 'sending' | 'delivered' | 'error';
  fault: FaultRecord | null;
}

/** Who this panel is to the service and with which rights, whether a person can be asked for, what is switched off by
 *  name, and what may leave for a provider unasked. */
export interface Me {
  principal: string;
  experts: boolean;
  roles: readonly Role[];
  disabled: readonly string[];
  level: Level;
  /** Effects that can't be approved from here. */
  unapproved: readonly Effect[];
  /** Whether what is approved here can be allowed for good. */
  lasting: boolean;
}

export interface State {
  /** The one that is shown; null before one is known. */
  current: ConversationId | null;
  /** The command whose answer says which one is shown next. */
  opening: CommandId | null;
  conversations: { readonly [id: ConversationId]: Conversation };
  outgoing: readonly Outgoing[];
  /** Commands without an answer yet. */
  sent: { readonly [id: CommandId]: Command };
  kernels: { readonly [id: KernelId]: KernelChanged };
  looks: { readonly [id: KernelId]: Look };
  me: Me;
  /** Trouble that belongs to no message, form or approval. */
  trouble: FaultRecord | null;
}

export const initial: State = {
  current: null,
  opening: null,
  conversations: {},
  outgoing: [],
  sent: {},
  kernels: {},
  looks: {},
  me: { principal: '', experts: false, roles: [], disabled: [], level: 'aggregates', unapproved: [], lasting: true },
  trouble: null
};

export function newTurn(id: TurnId, seq: number): Turn {
  return {
    id,
    seq,
    question: '',
    along: [],
    images: [],
    role: 'user',
    state: 'queued',
    position: 0,
    waitsFor: null,
    detail: '',
    llm: '',
    steps: [],
    parts: [],
    fault: null,
    answeredBy: '',
    unverified: [],
    score: 0,
    remark: '',
    frozen: false,
    synonym: false,
    evaluation: null,
    review: null,
    cost: null,
    tokens: 0
  };
}

export function newConversation(id: ConversationId): Conversation {
  return { id, info: null, seen: 0, fetching: [], turns: [], mode: null, present: {}, deleted: false };
}

export function hasEnded(turn: Turn): boolean {
  return turn.state !== 'queued' && turn.state !== 'active' && turn.state !== 'waiting';
}

const BY_ITSELF: ReadonlySet<WaitsFor | null> = new Set<WaitsFor | null>(['cell', 'person']);

/** Does something happen by itself, so that there is something to stop? */
export function isRunning(turn: Turn): boolean {
  return turn.state === 'queued' || turn.state === 'active' || (turn.state === 'waiting' && BY_ITSELF.has(turn.waitsFor));
}
