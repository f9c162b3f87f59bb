// Written by `python -m jupyter_mlchat.protocol` from jupyter_mlchat/protocol. Do not edit.
/* eslint-disable */

export type ConversationId = string;
export type TurnId = string;
export type AttemptId = string;
export type ConnectionId = string;
export type CommandId = string;
export type KernelId = string;

export type Effect =
  | "read"
  | "predict"
  | "write"
  | "disclose"
  | "execute";

export type TurnState =
  | "queued"
  | "active"
  | "waiting"
  | "completed"
  | "failed"
  | "cancelled"
  | "abandoned";

export type TurnEnd =
  | "completed"
  | "failed"
  | "cancelled"
  | "abandoned";

export type WaitsFor =
  | "form"
  | "approval"
  | "cell"
  | "person"
  | "review";

export type Mode =
  | "assistant"
  | "expert"
  | "direct";

export type Role =
  | "expert"
  | "admin";

export type Level =
  | "schema"
  | "aggregates"
  | "rows";

export type PresenceState =
  | "online"
  | "typing"
  | "away";

export type StepName =
  | "reading"
  | "retry"
  | "parameters"
  | "tool"
  | "waiting"
  | "wording"
  | "checking";

export type Decision =
  | "allow"
  | "ask"
  | "deny";

export type ProviderStatus =
  | "healthy"
  | "unhealthy"
  | "error"
  | "no_key"
  | "unknown";

export type Speaker =
  | "user"
  | "expert"
  | "assistant";

export type ExportFormat =
  | "json"
  | "markdown"
  | "notebook";

export type Capability =
  | "tools"
  | "vision"
  | "reasoning"
  | "streaming";

export type PictureType =
  | "image/png"
  | "image/jpeg";

export type NumberName =
  | "temperature"
  | "max_tokens"
  | "top_p"
  | "top_k";

export type LockName =
  | "llm"
  | "route"
  | "prompt"
  | "parameters"
  | "memory"
  | "policy";

export type Reviewing =
  | "flag"
  | "review"
  | "hold";

export type ReviewState =
  | "open"
  | "approved"
  | "corrected"
  | "rejected"
  | "withdrawn";

export type Decided =
  | "approve"
  | "correct"
  | "reject";

export type EvaluationBy =
  | "llm"
  | "prompt"
  | "day";

export type HealthStatus =
  | "ok"
  | "degraded"
  | "failed";

export type UsageBy =
  | "llm"
  | "day"
  | "conversation";

export type UploadState =
  | "receiving"
  | "complete"
  | "cancelled"
  | "failed";

/** What went wrong, as a stable word. Front ends switch on it; people read the message. */
export const Code = {
  MALFORMED: "malformed",
  UNKNOWN_COMMAND: "unknown_command",
  TOO_LARGE: "too_large",
  RATE_LIMITED: "rate_limited",
  NOT_FOUND: "not_found",
  FORBIDDEN: "forbidden",
  CONFLICT: "conflict",
  EXPIRED: "expired",
  UNKNOWN_MODEL: "unknown_model",
  UNKNOWN_FRAME: "unknown_frame",
  UNKNOWN_TOOL: "unknown_tool",
  NOT_FITTED: "not_fitted",
  INVALID_INPUT: "invalid_input",
  MODEL_CHANGING: "model_changing",
  MODEL_CHANGED: "model_changed",
  MODEL_ERROR: "model_error",
  UNSUPPORTED: "unsupported",
  TOOL_FAILED: "tool_failed",
  TOOL_RESULT_INVALID: "tool_result_invalid",
  TOOL_TIMEOUT: "tool_timeout",
  DENIED: "denied",
  KERNEL_NOT_ATTACHED: "kernel_not_attached",
  KERNEL_BUSY: "kernel_busy",
  KERNEL_NOT_ANSWERING: "kernel_not_answering",
  KERNEL_RESTARTED: "kernel_restarted",
  KERNEL_DEAD: "kernel_dead",
  KERNEL_UNSUPPORTED: "kernel_unsupported",
  KERNEL_OFF: "kernel_off",
  INTERRUPTED: "interrupted",
  LLM_EXTRA_MISSING: "llm_extra_missing",
  LLM_UNKNOWN: "llm_unknown",
  LLM_BLOCKED: "llm_blocked",
  LLM_NO_KEY: "llm_no_key",
  LLM_BAD_KEY: "llm_bad_key",
  LLM_NOT_ALLOWED: "llm_not_allowed",
  LLM_RATE_LIMITED: "llm_rate_limited",
  LLM_QUOTA: "llm_quota",
  LLM_CONTEXT_TOO_LONG: "llm_context_too_long",
  LLM_REFUSED: "llm_refused",
  LLM_UNREACHABLE: "llm_unreachable",
  LLM_TIMEOUT: "llm_timeout",
  LLM_UNAVAILABLE: "llm_unavailable",
  LLM_CUT: "llm_cut",
  LLM_BUDGET: "llm_budget",
  SERVER_BUSY: "server_busy",
  STORE_UNAVAILABLE: "store_unavailable",
  DEADLINE: "deadline",
  MCP_EXTRA_MISSING: "mcp_extra_missing",
  INTERNAL: "internal",
} as const;
export type Code = (typeof Code)[keyof typeof Code];

/** WebSocket close codes of our own (4000-4999 is the private range of RFC 6455). */
export const Close = {
  TOO_SLOW: 4001,
  TOO_MANY: 4002,
  SHUTTING_DOWN: 4003,
} as const;
export type Close = (typeof Close)[keyof typeof Close];

/** Where a message was written. `attached` are references the person pointed at, such as `pipe`. */
export interface Context {
  notebook?: string;
  kernel?: KernelId | null;
  cell?: string;
  attached?: string[];
}

/** A figure that goes along with a question: `data` is base64, `from` says where it is from: `figure of In[5]`. */
export interface Picture {
  media_type: PictureType;
  data: string;
  from?: string;
}

/** One finding about an input. `suggestion` says what to do; `model_behaviour` what the model would do. */
export interface Issue {
  code: string;
  message: string;
  column?: string;
  row?: number | null;
  suggestion?: string;
  model_behaviour?: string;
}

/** Where a statement comes from: `kind` is a word like "fitted_in", `ref` a name, `cell` an `In[n]`. */
export interface Evidence {
  kind: string;
  text: string;
  ref?: string;
  cell?: number | null;
}

export interface Truncated {
  shown: number;
  total: number;
}

/**
 * One input of a form, built from the model's signature. `textarea` is for texts of several lines, `reference`
 * for a name in the kernel: `df`, or a row such as `X_test[3]`.
 *
 * `help` says where its limits come from, `problem` what is wrong with the value that was given.
 */
export interface Field {
  name: string;
  kind?: "number" | "integer" | "text" | "textarea" | "boolean" | "choice" | "datetime" | "reference";
  options?: unknown[];
  minimum?: number | null;
  maximum?: number | null;
  default?: unknown;
  value?: unknown;
  required?: boolean;
  unit?: string;
  help?: string;
  problem?: string;
}

/** A reading the person can choose: what it would do in words, and the call it stands for. */
export interface Offer {
  text: string;
  tool: string;
  args?: { [name: string]: unknown };
}

/** A question to the person: `fields` to fill, or offers of which one is chosen (kind `choice`). */
export interface Form {
  title: string;
  kind?: "fields" | "choice";
  fields?: Field[];
  rest?: Field[];
  start?: Field | null;
  total?: number;
  offers?: Offer[];
  tool?: string;
  args?: { [name: string]: unknown };
  target?: string;
}

/** What a tool would make of a name or a file: what is there now, and then; "" is nothing. */
export interface Change {
  name: string;
  before?: string;
  after?: string;
}

/**
 * What a tool found. `data` may go to an llm (at most 8,000 bytes); `local` is the same with what must not.
 *
 * `local` is null when nothing had to be held back. `code` is a cell that reproduces the answer.
 */
export interface ToolResult {
  ok: boolean;
  data?: { [name: string]: unknown };
  local?: { [name: string]: unknown } | null;
  issues?: Issue[];
  warnings?: string[];
  doubts?: string[];
  evidence?: Evidence[];
  truncated?: Truncated | null;
  form?: Form | null;
  display_ref?: string;
  code?: string;
  elapsed_ms?: number;
  kernel_busy?: boolean;
  fault?: { [name: string]: unknown } | null;
  revision?: string;
}

/** A tool as people and llms see it. `parameters` is a JSON Schema of its arguments. */
export interface ToolInfo {
  name: string;
  description: string;
  parameters: { [name: string]: unknown };
  effect: Effect;
  guidance?: string;
  example?: string;
  origin?: string;
}

/**
 * Tokens and money of one llm call; `cost` in US dollars, null when the price is unknown.
 *
 * `estimated`: the provider did not say, as of an answer that was cut or stopped; about 4 bytes make a token.
 */
export interface Usage {
  llm: string;
  prompt_tokens?: number;
  completion_tokens?: number;
  cost?: number | null;
  elapsed_ms?: number;
  estimated?: boolean;
}

/**
 * A language model. `id` is what is given as `llm`; what is not known is null or empty.
 *
 * Lengths in tokens, `parameters` like "7B", `size` in bytes, prices in US dollars for a million tokens.
 */
export interface LlmInfo {
  id: string;
  name: string;
  provider: string;
  description?: string;
  context_length?: number | null;
  max_tokens?: number | null;
  parameters?: string;
  quantization?: string;
  family?: string;
  digest?: string;
  size?: number | null;
  capabilities?: Capability[];
  price_in?: number | null;
  price_out?: number | null;
}

/**
 * Who has language models. `unknown` was not asked, or can't be; `error` says what is wrong and what helps.
 *
 * `key` is the variable of its API key, `usable` whether a question can go there now, `checked` when its list came,
 * in seconds since the epoch, 0 for never.
 */
export interface ProviderInfo {
  name: string;
  title: string;
  status: ProviderStatus;
  models_count: number;
  supports_streaming: boolean;
  supports_tools: boolean;
  supports_embeddings: boolean;
  default_model: string;
  error: string;
  key: string;
  has_key: boolean;
  local: boolean;
  usable: boolean;
  checked: number;
}

/**
 * A number or a name in an answer, from character `start` to `end`, and the tool call it comes from.
 *
 * "" is no call: nothing that a tool found or the person said has it.
 */
export interface Mark {
  start: number;
  end: number;
  call?: string;
}

/** One request as it left for a provider: messages and tool schemas. `time` in seconds since the epoch. */
export interface SentRequest {
  llm: string;
  attempt: string;
  time: number;
  body: { [name: string]: unknown };
}

/** How an llm words; null is its default. `max_tokens` of one answer, `system` is a person's own wishes. */
export interface Parameters {
  temperature?: number | null;
  max_tokens?: number | null;
  top_p?: number | null;
  top_k?: number | null;
  system?: string | null;
}

/**
 * What of a conversation is sent with a question; null is as the settings say.
 *
 * `turns`: at most so many whole earlier turns, 0 for none. `summaries`: of those that fell out, a summary in the
 * words of the conversation's own llm.
 */
export interface Memory {
  turns?: number | null;
  summaries?: boolean | null;
}

/**
 * `route` and `prompt` are names, "" for the ones of the settings. `imported` says from what kind of file.
 *
 * `reviewing` is what a failed evaluation does here, "" as the settings say. `levels` are what was decided here about
 * effects; for the others the settings speak.
 */
export interface ConversationInfo {
  id: ConversationId;
  owner: string;
  title?: string;
  notebook?: string;
  kernel?: KernelId | null;
  llm?: string;
  route?: string;
  prompt?: string;
  mode?: Mode;
  parameters?: Parameters;
  memory?: Memory;
  levels?: { [name: string]: Decision };
  reviewing?: string;
  imported?: string;
  created?: number;
  updated?: number;
  last_seq?: number;
  deleted?: boolean;
}

/** Something that was said, found by its words. In `snippet` they stand between « and »; it is plain text. */
export interface Found {
  conversation: ConversationId;
  title: string;
  turn: TurnId | null;
  seq: number;
  time: number;
  role: Speaker;
  snippet: string;
}

/**
 * A conversation that asked for a person. `note` is what was written when asking, `expert` who has joined.
 *
 * `position` counts the queue from 1; it is 0 once somebody has joined. `waiting` counts the questions that wait.
 */
export interface HelpRequest {
  conversation: ConversationId;
  owner: string;
  mode: Mode;
  asked: number;
  title?: string;
  note?: string;
  expert?: string;
  position?: number;
  waiting?: number;
}

/** A way to an answer. `problem` says why it can't be taken now, "" when it can. */
export interface RouteInfo {
  name: string;
  description: string;
  problem?: string;
}

/**
 * Wishes for answers under a name. `text` may hold placeholders such as `{models}`; `updated` in seconds.
 *
 * `shipped` ones belong to everybody and can't be changed.
 */
export interface Prompt {
  name: string;
  text: string;
  description?: string;
  shipped?: boolean;
  updated?: number;
}

/** What a number of `Parameters` may be for one llm. `taken` is false where it is not sent to it. */
export interface Bound {
  name: NumberName;
  minimum: number;
  maximum: number;
  whole?: boolean;
  taken?: boolean;
}

/** The most `tokens` and US dollars of one scope, null for no limit, and what is spent where that is known. */
export interface BudgetState {
  scope: "turn" | "conversation" | "day";
  tokens?: number | null;
  usd?: number | null;
  spent?: number | null;
  spent_usd?: number | null;
}

/** What was meant by the question that `turn` asked; `synonym.delete` with that turn forgets it. */
export interface Synonym {
  turn: TurnId;
  said: string;
  meant: string;
}

/**
 * What can be chosen, and in `info` what the conversation has chosen; null when it is not asked about one.
 *
 * `bounds` are those of `llm`, "" when it could not be found out. `route`, `prompt`, `memory` and `policy` are what
 * holds in fact. What is `locked` the administrator has fixed, and of the policy what is `capped`. `budgets` tell
 * what the conversation and the person's day have taken, with or without a limit. `synonyms` are those of the
 * conversation's notebook, the newest first.
 */
export interface Choices {
  routes: RouteInfo[];
  prompts: Prompt[];
  bounds: Bound[];
  llm?: string;
  info?: ConversationInfo | null;
  memory?: Memory;
  route?: string;
  prompt?: string;
  policy?: { [name: string]: Decision };
  capped?: Effect[];
  locked?: LockName[];
  budgets?: BudgetState[];
  synonyms?: Synonym[];
}

/**
 * The cell `number` as in `In[number]`, `elapsed_s` since it began, `inside` like "GridSearchCV.fit".
 *
 * `done` of `total` `unit`s, and `eta_s` still to go; null where the loop does not show it.
 */
export interface RunningNow {
  number: number;
  elapsed_s: number;
  inside?: string;
  done?: number | null;
  total?: number | null;
  unit?: string;
  eta_s?: number | null;
}

/**
 * A model's card. `names` are all references to it, `features` and `classes` the first of so many.
 *
 * `fitted` and `fresh` are null where nobody can say; `stale` is why it is not fresh.
 */
export interface ModelGlance {
  ref: string;
  names: string[];
  class_name: string;
  estimator: string;
  task: string;
  fitted: boolean | null;
  features: string[];
  n_features: number;
  classes: string[];
  n_classes: number;
  cell: number | null;
  fresh: boolean | null;
  stale: string;
}

/** A dataframe's or array's card. A number of rows below 0 is not known without computing them. */
export interface FrameGlance {
  ref: string;
  class_name: string;
  shape: number[];
  columns: string[];
  n_columns: number;
}

/**
 * One measure of an answer. `by` is "rules", the llm that judged, or the package of an evaluator.
 *
 * `score` goes from 0 to 1, and is null where there is nothing to measure or no score could be had; `reason` says
 * which. `details` are what it was found in, such as numbers without a source: words of others, plain text.
 */
export interface Check {
  name: string;
  by: string;
  score?: number | null;
  failed?: boolean;
  reason?: string;
  details?: string[];
}

/**
 * An answer that a person looks at. `held`: nobody else has seen it yet. Times in seconds since the epoch.
 *
 * `note` is the word of who asked for it, `text` the correction, `remark` the word of who decided.
 */
export interface Review {
  id: string;
  conversation: ConversationId;
  turn: TurnId;
  owner: string;
  state: ReviewState;
  held: boolean;
  question: string;
  answer: string;
  answered_by: string;
  reasons: string[];
  checks: Check[];
  opened: number;
  note?: string;
  decided?: number;
  reviewer?: string;
  text?: string;
  remark?: string;
}

/** Open ones first, each oldest first. */
export interface ReviewList {
  reviews: Review[];
}

/** A line of the export: chat `messages` up to the question, the answer that was `rejected`, the `chosen` one. */
export interface Correction {
  messages: ({ [name: string]: unknown })[];
  rejected: string;
  chosen: string;
}

/** How answers of one llm, prompt or day (`key`) did in one check. `mean` is of the `scored` ones. */
export interface EvaluationRow {
  key: string;
  name: string;
  by: string;
  answers: number;
  scored: number;
  failed: number;
  mean: number | null;
}

/** Yours. `since` is a day of the server's, like 2026-01-31; `waiting` answers are still to be evaluated. */
export interface EvaluationReport {
  by: EvaluationBy;
  since: string;
  waiting: number;
  rows: EvaluationRow[];
}

/**
 * The mean over `conversations`, each counted once by the mean of its own answers.
 *
 * `low` and `high` are the ends of the 95% interval of that mean, null with fewer than two conversations.
 */
export interface Measured {
  name: string;
  conversations: number;
  mean: number | null;
  low: number | null;
  high: number | null;
}

/** One side of an experiment. `value` is its llm or prompt, `answers` those that came to their end. */
export interface Arm {
  arm: string;
  value: string;
  conversations: number;
  answers: number;
  measured: Measured[];
}

/** Two llms or prompts (`of`), by conversation. `arms` have what was measured so far. */
export interface Experiment {
  name: string;
  of: "llm" | "prompt";
  arms: Arm[];
}

export interface ExperimentList {
  experiments: Experiment[];
}

/**
 * A fault as data. `message` names the thing, `hint` the fix, `about` the ref, field or id concerned.
 *
 * `retry_after`: seconds until the same can succeed, 0 where nobody knows or waiting does not help.
 */
export interface FaultRecord {
  code: Code;
  message: string;
  hint?: string;
  retryable?: boolean;
  about?: string;
  retry_after?: number;
}

export interface CommandBase {
  id: CommandId;
}

/**
 * Ask. Without a conversation the newest open one of (owner, notebook), else (owner, kernel), goes on.
 *
 * `images`: at most 4, each of at most 1 MB in base64. An llm that sees is shown them where the level lets raw rows
 * leave; else the person is asked.
 */
export interface TurnStart extends CommandBase {
  type: "turn.start";
  text: string;
  conversation?: ConversationId | null;
  context?: Context;
  llm?: string | null;
  route?: string | null;
  prompt?: string | null;
  metadata?: { [name: string]: unknown };
  images?: Picture[];
}

/** Stop a turn, queued, active or waiting. Its partial text stays. */
export interface TurnCancel extends CommandBase {
  type: "turn.cancel";
  turn: TurnId;
}

/** Try a failed, cancelled or abandoned turn again: a new attempt of the same turn. */
export interface TurnRetry extends CommandBase {
  type: "turn.retry";
  turn: TurnId;
  llm?: string | null;
}

/** A turn without an llm: one tool, the same policy, the same journal. */
export interface ToolCall extends CommandBase {
  type: "tool.call";
  tool: string;
  args?: { [name: string]: unknown };
  conversation?: ConversationId | null;
  context?: Context;
}

/**
 * Answer a form: `values` for fields, `choice` (counted from 1) for offers. `start` is another row than the one
 * that the form proposed to start from.
 */
export interface FormSubmit extends CommandBase {
  type: "form.submit";
  turn: TurnId;
  form: string;
  values?: { [name: string]: unknown };
  choice?: number | null;
  start?: string;
}

export interface FormDismiss extends CommandBase {
  type: "form.dismiss";
  turn: TurnId;
  form: string;
}

/** Allow or deny a pending effect. `always` sets the conversation's level for that effect. */
export interface ApprovalGive extends CommandBase {
  type: "approval.give";
  turn: TurnId;
  approval: string;
  allow: boolean;
  always?: boolean;
}

/** Thumbs and a word on an answer: `score` is -1, 0 or 1. */
export interface FeedbackGive extends CommandBase {
  type: "feedback.give";
  turn: TurnId;
  score: number;
  text?: string;
}

/** Have a person look at an answer. `note` says what is wrong with it. */
export interface ReviewAsk extends CommandBase {
  type: "review.ask";
  turn: TurnId;
  note?: string;
}

/** Approve an answer, correct it (`text` is the better one) or reject it; `remark` is for who asked. */
export interface ReviewDecide extends CommandBase {
  type: "review.decide";
  review: string;
  decision: Decided;
  text?: string;
  remark?: string;
}

/** Give this question of the notebook the same answer from now on, whatever changes; `frozen=false` ends it. */
export interface TurnFreeze extends CommandBase {
  type: "turn.freeze";
  turn: TurnId;
  frozen?: boolean;
}

/** Say what was meant by the question of a turn: in its notebook the built-in engine reads it so from now on. */
export interface SynonymAdd extends CommandBase {
  type: "synonym.add";
  turn: TurnId;
  meant: string;
}

/** Read the question of a turn as it stands again. */
export interface SynonymDelete extends CommandBase {
  type: "synonym.delete";
  turn: TurnId;
}

/**
 * Follow a conversation on this connection from `after` on, or begin a new one (`new=true`), with this `llm`.
 *
 * `batched`: what is stored already comes as `batch`, many events a frame.
 */
export interface ConversationOpen extends CommandBase {
  type: "conversation.open";
  conversation?: ConversationId | null;
  after?: number;
  context?: Context;
  new?: boolean;
  batched?: boolean;
  llm?: string;
}

/** Stop following on this connection. The conversation itself goes on. */
export interface ConversationClose extends CommandBase {
  type: "conversation.close";
  conversation: ConversationId;
}

/**
 * Change what is named. "" takes llm, route or prompt back to the settings', null takes a parameter back.
 * A title has at most 200 characters.
 *
 * `parameters` are those of `Parameters`, `memory` is what is given of `Memory`. `reviewing` is
 * what a failed evaluation does here; where it differs from the setting, the stricter of both counts.
 * `levels` are `ask`, `deny` or null by effect; null takes back what was decided here. Only an approval allows.
 */
export interface ConversationUpdate extends CommandBase {
  type: "conversation.update";
  conversation: ConversationId;
  title?: string | null;
  llm?: string | null;
  notebook?: string | null;
  route?: string | null;
  prompt?: string | null;
  parameters?: { [name: string]: unknown };
  reviewing?: Reviewing | null;
  memory?: { [name: string]: unknown };
  levels?: { [name: string]: unknown };
}

/** It can be restored for `undo_days`, then nothing is left of it. `now`: nothing is left at once. */
export interface ConversationDelete extends CommandBase {
  type: "conversation.delete";
  conversation: ConversationId;
  now?: boolean;
}

export interface ConversationRestore extends CommandBase {
  type: "conversation.restore";
  conversation: ConversationId;
}

/** Hide a name from tools and llm, show it again, or switch the tools of a kernel off and on. */
export interface KernelUpdate extends CommandBase {
  type: "kernel.update";
  kernel: KernelId;
  hide?: string[];
  show?: string[];
  enabled?: boolean | null;
}

/**
 * Ask what a kernel does and holds; answered by `kernel.view` on the same connection.
 *
 * Without `cards` only what it does. `model`: also what this one takes. "" is the kernel that a widget lives in.
 */
export interface KernelGet extends CommandBase {
  type: "kernel.get";
  kernel?: KernelId;
  cards?: boolean;
  model?: string;
}

/**
 * Every durable event after `after`, the text of a running answer, then the live tail.
 *
 * `batched`: what is stored already comes as `batch`, many events a frame.
 */
export interface Resume extends CommandBase {
  type: "resume";
  conversation: ConversationId;
  after?: number;
  batched?: boolean;
}

/** Ask what left for providers on behalf of a turn; answered by `sent` on the same connection. */
export interface TurnSent extends CommandBase {
  type: "turn.sent";
  turn: TurnId;
}

/** Ask to see the rows that a pending approval would show; answered by `preview` on the same connection alone. */
export interface ApprovalPreview extends CommandBase {
  type: "approval.preview";
  turn: TurnId;
  approval: string;
}

/**
 * Ask which language models there are; answered by `llms` on the same connection.
 *
 * Without a `word` those that can be used now, else all that have its words. `refresh` asks every provider again.
 * `wait=false` is answered at once with what is known, while providers are being asked.
 */
export interface LlmsGet extends CommandBase {
  type: "llms.get";
  word?: string;
  refresh?: boolean;
  wait?: boolean;
}

/** Ask which routes, prompts and parameters there are; answered by `choices` on the same connection. */
export interface ChoicesGet extends CommandBase {
  type: "choices.get";
  conversation?: ConversationId | null;
  llm?: string | null;
}

/** Make a prompt of one's own. `text` may hold the placeholders {models} {frames} {notebook} {kernel} {date}. */
export interface PromptAdd extends CommandBase {
  type: "prompt.add";
  name: string;
  text: string;
  description?: string;
}

/** Change what is given of a prompt of one's own. */
export interface PromptUpdate extends CommandBase {
  type: "prompt.update";
  name: string;
  text?: string | null;
  description?: string | null;
}

/** Conversations that used it go back to the prompt of the settings. */
export interface PromptDelete extends CommandBase {
  type: "prompt.delete";
  name: string;
}

/**
 * Say who answers: the assistant, a person (`expert`), or a person with no llm in between (`direct`).
 *
 * For the owner and the expert who has joined. `observe=false` keeps what is said directly from the assistant.
 */
export interface ModeChange extends CommandBase {
  type: "mode.change";
  conversation: ConversationId;
  mode: Mode;
  observe?: boolean;
}

/** Ask for a person. `text` is what the queue shows of it. */
export interface ExpertRequest extends CommandBase {
  type: "expert.request";
  conversation: ConversationId;
  text?: string;
  mode?: "expert" | "direct";
  observe?: boolean;
}

/** Take a request. Naming another `expert` assigns it to that one: for admins. */
export interface ExpertClaim extends CommandBase {
  type: "expert.claim";
  conversation: ConversationId;
  expert?: string;
}

/** Give a request back to the queue. */
export interface ExpertRelease extends CommandBase {
  type: "expert.release";
  conversation: ConversationId;
}

/** Answer what waits, or just say something; `to="assistant"` asks it, seen by all, in the person's kernel. */
export interface ExpertSay extends CommandBase {
  type: "expert.say";
  conversation: ConversationId;
  text: string;
  to?: "everyone" | "assistant";
  metadata?: { [name: string]: unknown };
}

/** Tell the other person that one is there, or typing. It also keeps an expert's request from going back. */
export interface PresenceSet extends CommandBase {
  type: "presence.set";
  conversation: ConversationId;
  state: PresenceState;
}

/** Search what was said in one's own conversations; answered by `search` on the same connection. */
export interface SearchGet extends CommandBase {
  type: "search.get";
  words: string;
  limit?: number;
}

/** Ask for a conversation as a file; answered by `exported` on the same connection. */
export interface ExportGet extends CommandBase {
  type: "export.get";
  conversation: ConversationId;
  format?: ExportFormat;
}

export interface Ping extends CommandBase {
  type: "ping";
}

export type Command =
  | TurnStart
  | TurnCancel
  | TurnRetry
  | ToolCall
  | FormSubmit
  | FormDismiss
  | ApprovalGive
  | FeedbackGive
  | ReviewAsk
  | ReviewDecide
  | TurnFreeze
  | SynonymAdd
  | SynonymDelete
  | ConversationOpen
  | ConversationClose
  | ConversationUpdate
  | ConversationDelete
  | ConversationRestore
  | KernelUpdate
  | KernelGet
  | Resume
  | TurnSent
  | ApprovalPreview
  | LlmsGet
  | ChoicesGet
  | PromptAdd
  | PromptUpdate
  | PromptDelete
  | ModeChange
  | ExpertRequest
  | ExpertClaim
  | ExpertRelease
  | ExpertSay
  | PresenceSet
  | SearchGet
  | ExportGet
  | Ping;

/** `time` is seconds since the epoch. `seq` is 0 on events that are not stored. */
export interface EventBase {
  conversation?: ConversationId;
  turn?: TurnId | null;
  attempt?: AttemptId | null;
  seq?: number;
  time?: number;
}

/**
 * `experts`: a person can be asked for here. `roles` are the caller's own, besides that of a user. `level` is what
 * leaves for a provider unasked.
 *
 * `disabled` are parts of the product that are switched off here, by name: `upload`, `export`, `search` and so on.
 * `unapproved` are effects that nobody can approve over this connection; `lasting`: others can be allowed for good.
 */
export interface Hello extends EventBase {
  type: "hello";
  connection: ConnectionId;
  version: string;
  principal: string;
  experts?: boolean;
  roles?: Role[];
  disabled?: string[];
  level?: Level;
  unapproved?: Effect[];
  lasting?: boolean;
}

/** Sent after the commit: this is what "acknowledged" means. */
export interface Accepted extends EventBase {
  type: "accepted";
  command: CommandId;
}

/**
 * Something a person said, whole. `author` is the expert's name.
 *
 * `to`: an expert may ask the assistant. What is `private` was said between people: no llm gets to read it.
 */
export interface Message extends EventBase {
  type: "message";
  role?: "user" | "expert";
  text: string;
  metadata?: { [name: string]: unknown };
  author?: string;
  to?: "everyone" | "assistant";
  private?: boolean;
  images?: Picture[];
}

/** `position` counts the turns of this server before it, from 1. */
export interface TurnQueued extends EventBase {
  type: "turn.queued";
  position: number;
}

/** Once per attempt. `route` is told when it is another than `agent`. */
export interface TurnStarted extends EventBase {
  type: "turn.started";
  llm: string;
  number?: number;
  route?: string;
}

export interface TurnWaiting extends EventBase {
  type: "turn.waiting";
  waits_for: WaitsFor;
  detail?: string;
}

export interface StepStarted extends EventBase {
  type: "step.started";
  step: number;
  name: StepName;
  detail?: string;
}

export interface StepEnded extends EventBase {
  type: "step.ended";
  step: number;
  elapsed_ms?: number;
  ok?: boolean;
}

export interface ThinkingDelta extends EventBase {
  type: "thinking.delta";
  offset: number;
  text: string;
}

/**
 * `offset` counts characters of the attempt's answer, so a client can place or skip it.
 *
 * `marks` are those that can be set now; they may lie before `offset`: a number is marked when it is complete.
 */
export interface TextDelta extends EventBase {
  type: "text.delta";
  offset: number;
  text: string;
  marks?: Mark[];
}

/** The whole text so far, with all its marks; `final` on the last one of an attempt. */
export interface TextSnapshot extends EventBase {
  type: "text.snapshot";
  text: string;
  kind?: "answer" | "thinking";
  final?: boolean;
  marks?: Mark[];
}

export interface ToolCalled extends EventBase {
  type: "tool.called";
  call: string;
  tool: string;
  args?: { [name: string]: unknown };
  effect?: Effect;
}

export interface ToolReturned extends EventBase {
  type: "tool.returned";
  call: string;
  tool: string;
  result: ToolResult;
}

export interface Progress extends EventBase {
  type: "progress";
  call: string;
  done?: number;
  total?: number;
  text?: string;
}

export interface FormAsked extends EventBase {
  type: "form.asked";
  form: string;
  spec: Form;
  call?: string;
  expires?: number;
}

export interface FormClosed extends EventBase {
  type: "form.closed";
  form: string;
  outcome: "submitted" | "dismissed" | "expired" | "cancelled";
  values?: { [name: string]: unknown };
  choice?: number | null;
  start?: string;
}

/**
 * `summary` is the exact effect in words, `code` what would run, `changes` what would be another than it is.
 *
 * `always`: whether a person may allow it for the whole conversation.
 */
export interface ApprovalAsked extends EventBase {
  type: "approval.asked";
  approval: string;
  call: string;
  tool: string;
  args: { [name: string]: unknown };
  effect: Effect;
  summary: string;
  code?: string;
  changes?: Change[];
  always?: boolean;
  expires?: number;
}

export interface ApprovalClosed extends EventBase {
  type: "approval.closed";
  approval: string;
  outcome: "allowed" | "denied" | "expired" | "cancelled";
  always?: boolean;
}

/**
 * A word from the service itself: which llm stepped in, what was cut, what could not be stored.
 *
 * `llm`: whose words follow, where another one has stepped in.
 */
export interface Notice extends EventBase {
  type: "notice";
  text: string;
  code?: string;
  llm?: string;
}

/**
 * Who answers from now on. `expert` has joined; "" while the request is in the queue, or with the assistant.
 *
 * `by` did it, "" for the service itself. `lost`: the expert was gone for too long. `note` as in `expert.request`.
 */
export interface ModeChanged extends EventBase {
  type: "mode.changed";
  mode: Mode;
  why: "requested" | "claimed" | "assigned" | "released" | "lost" | "switched" | "ended";
  expert?: string;
  by?: string;
  note?: string;
  observed?: boolean;
}

/** Who is there, and whether they type. A sign of typing is good for some seconds. */
export interface Presence extends EventBase {
  type: "presence";
  who: string;
  role: "user" | "expert";
  state: PresenceState;
}

export interface ConversationChanged extends EventBase {
  type: "conversation.changed";
  info: ConversationInfo;
}

export interface ConversationDeleted extends EventBase {
  type: "conversation.deleted";
}

export interface KernelChanged extends EventBase {
  type: "kernel.changed";
  kernel: KernelId;
  state: "idle" | "busy" | "restarting" | "dead" | "attached" | "not_attached" | "disabled";
  detail?: string;
}

/**
 * What a kernel does, which names are `hidden`, and whether its tools are on.
 *
 * `run` is its process: another one after a restart. `models` and `frames`, the first of so many, are null where
 * they were not asked for; `signature` is what `get_model_info` says of the model that was.
 */
export interface KernelGlance extends EventBase {
  type: "kernel.view";
  command: CommandId;
  kernel: KernelId;
  run?: string;
  enabled?: boolean;
  hidden?: string[];
  running?: RunningNow | null;
  models?: ModelGlance[] | null;
  n_models?: number;
  frames?: FrameGlance[] | null;
  n_frames?: number;
  signature?: ToolResult | null;
}

export interface FeedbackGiven extends EventBase {
  type: "feedback.given";
  score: number;
  text?: string;
}

/**
 * What was measured of an answer, usually after its turn has ended. `flagged` when a check failed.
 *
 * `reasons` say why. `llm` worded it, with that `prompt`. `notes` say what was not measured, and why not. `usage` is
 * what the judge took, null where none was asked.
 */
export interface Evaluation extends EventBase {
  type: "evaluation";
  checks: Check[];
  llm?: string;
  prompt?: string;
  flagged?: boolean;
  reasons?: string[];
  notes?: string[];
  usage?: Usage | null;
}

/** A person is asked to look at the answer. `held`: it is not shown before that. `own`: its owner may decide. */
export interface ReviewAsked extends EventBase {
  type: "review.asked";
  review: string;
  reasons?: string[];
  held?: boolean;
  own?: boolean;
}

/** `text` is the answer as it was corrected, `remark` the reviewer's word, `by` their name. */
export interface ReviewClosed extends EventBase {
  type: "review.closed";
  review: string;
  outcome: "approved" | "corrected" | "rejected" | "withdrawn";
  text?: string;
  remark?: string;
  by?: string;
}

/** The conversation takes part in a comparison; `text` says so. `llm` or `prompt` is what its arm answers with. */
export interface ExperimentAssigned extends EventBase {
  type: "experiment.assigned";
  experiment: string;
  arm: string;
  text: string;
  llm?: string;
  prompt?: string;
}

export interface UsageReported extends EventBase {
  type: "usage";
  usage: Usage;
}

/** `fault` says why a turn failed; `answered_by` who spoke and from what; `unverified` what has no source. */
export interface TurnEnded extends EventBase {
  type: "turn.ended";
  state: TurnEnd;
  fault?: FaultRecord | null;
  answered_by?: string;
  unverified?: string[];
}

/** Every request of a turn to a provider, whole and in order. */
export interface Sent extends EventBase {
  type: "sent";
  command: CommandId;
  requests: SentRequest[];
}

/** What a pending approval would show, for the person alone: it is stored nowhere and sent to nobody else. */
export interface Previewed extends EventBase {
  type: "preview";
  command: CommandId;
  result: ToolResult;
}

/** What can be chosen for the answers, and what the conversation has chosen. */
export interface ChoicesTold extends EventBase {
  type: "choices";
  command: CommandId;
  choices: Choices;
}

/**
 * The first of `total` language models, and the providers. `close` are ids that were perhaps meant by a word.
 *
 * `complete` is false while some providers are still being asked.
 */
export interface LlmsTold extends EventBase {
  type: "llms";
  command: CommandId;
  llms: LlmInfo[];
  total: number;
  providers: ProviderInfo[];
  complete: boolean;
  close?: string[];
}

/** What was found, the newest first. */
export interface SearchTold extends EventBase {
  type: "search";
  command: CommandId;
  found: Found[];
}

/** A conversation as the content of a file. */
export interface Exported extends EventBase {
  type: "exported";
  command: CommandId;
  text: string;
}

export interface Pong extends EventBase {
  type: "pong";
  command: CommandId;
}

/** A command that was not taken, or trouble on this connection. */
export interface FaultEvent extends EventBase {
  type: "fault";
  fault: FaultRecord;
  command?: CommandId | null;
}

/** Stands for an event over 256 kB: fetch it from `blobs/REF`. */
export interface Referenced extends EventBase {
  type: "referenced";
  ref: string;
  stands_for: string;
  bytes: number;
}

/** Events one after the other, as they would come in frames of their own. `more`: the next batch goes on. */
export interface Batch extends EventBase {
  type: "batch";
  events: ServerEvent[];
  more?: boolean;
}

export type ServerEvent =
  | Hello
  | Accepted
  | Message
  | TurnQueued
  | TurnStarted
  | TurnWaiting
  | StepStarted
  | StepEnded
  | ThinkingDelta
  | TextDelta
  | TextSnapshot
  | ToolCalled
  | ToolReturned
  | Progress
  | FormAsked
  | FormClosed
  | ApprovalAsked
  | ApprovalClosed
  | Notice
  | ModeChanged
  | Presence
  | ConversationChanged
  | ConversationDeleted
  | KernelChanged
  | KernelGlance
  | FeedbackGiven
  | Evaluation
  | ReviewAsked
  | ReviewClosed
  | ExperimentAssigned
  | UsageReported
  | TurnEnded
  | Sent
  | Previewed
  | ChoicesTold
  | LlmsTold
  | SearchTold
  | Exported
  | Pong
  | FaultEvent
  | Referenced
  | Batch;

/** The body of every answer of status 400 and above. */
export interface FaultAnswer {
  fault: FaultRecord;
}

/** `text` says what is wrong with a part that is not ok, or what to know of one that is. */
export interface PartHealth {
  status: HealthStatus;
  text?: string;
  figures?: { [name: string]: number };
}

/**
 * How the service and its `parts` stand: store, providers, kernels and queue. `sockets` counts open WebSockets.
 *
 * `failed`: nothing can be asked now. `experts`: a person can be asked for.
 */
export interface Health {
  status: HealthStatus;
  version: string;
  sockets: number;
  parts?: { [name: string]: PartHealth };
  experts?: boolean;
  disabled_features?: string[];
}

/** Newest first. `next` is the `after` of the next page, "" when this was the last. */
export interface ConversationList {
  conversations: ConversationInfo[];
  next?: string;
}

/** What was found, newest first. */
export interface FoundList {
  found: Found[];
}

/** Durable events, oldest first. `next` is the `after` of the next page, null when this was the last. */
export interface EventPage {
  events: ServerEvent[];
  next: number | null;
}

/** Where a turn stands. `pending` is the id of the form or approval it waits for until `expires`. */
export interface TurnInfo {
  turn: TurnId;
  conversation: ConversationId;
  state: TurnState;
  text?: string;
  llm?: string;
  attempts?: number;
  waits_for?: WaitsFor | null;
  pending?: string;
  expires?: number;
}

/** Newest first. */
export interface TurnList {
  turns: TurnInfo[];
}

/** A turn that has ended or waits: its stored events, all attempts, and the text of the last one. */
export interface TurnOutcome {
  turn: TurnId;
  conversation: ConversationId;
  state: TurnState;
  text?: string;
  fault?: FaultRecord | null;
  events?: ServerEvent[];
}

/** A tool that has run (`result`), or what it waits for: `approval`, `form`, or a running cell. */
export interface ToolOutcome {
  turn: TurnId;
  conversation: ConversationId;
  state: TurnState;
  result?: ToolResult | null;
  approval?: ApprovalAsked | null;
  form?: FormAsked | null;
  waits_for?: WaitsFor | null;
}

/** A figure of a result. `data` is base64. */
export interface Display {
  mime: string;
  data: string;
}

export interface SentList {
  sent: SentRequest[];
}

/** One model, frame or other variable of a kernel; which fields there are depends on what is known of it. */
export interface Card {
  ref: string;
  class_name: string;
  aliases?: string[];
  estimator?: string;
  library?: string;
  task?: string;
  fitted?: boolean | null;
  features?: string[];
  categories?: { [name: string]: unknown[] };
  classes?: unknown[];
  cell?: number | null;
  revision?: string;
  shape?: number[];
  columns?: string[];
  dtypes?: string[];
}

export interface ModelList {
  models: Card[];
}

export interface FrameList {
  frames: Card[];
}

/** The first 500 names that are neither a model, nor a frame, nor code; `class_name` is of what they hold. */
export interface VariableList {
  variables: Card[];
}

/** `number` as in `In[number]`; `inside` like "RandomForestClassifier.fit". */
export interface RunningCell {
  number: number;
  elapsed_s: number;
  inside?: string;
}

export interface KernelState {
  busy: boolean;
  last_cell: number;
  running?: RunningCell | null;
  at_work?: boolean;
}

export interface PromptList {
  prompts: Prompt[];
}

export interface ToolList {
  tools: ToolInfo[];
}

/**
 * Language models of providers that may be used here. `complete` is false while some are still being asked.
 *
 * `close` are ids that were perhaps meant when a search found nothing.
 */
export interface LlmList {
  llms: LlmInfo[];
  complete: boolean;
  close?: string[];
}

/** Those that can be used first. `complete` is false while some are still being asked. */
export interface ProviderList {
  providers: ProviderInfo[];
  complete: boolean;
}

export interface ProviderHealth {
  status: ProviderStatus;
  error: string;
  checked: number;
}

/**
 * How every provider stands that has a key, runs nearby or is built in, by name.
 *
 * `status` is healthy when they all are, unhealthy when none but the built-in engine is, else degraded.
 */
export interface ProvidersHealth {
  status: "healthy" | "degraded" | "unhealthy";
  providers: { [name: string]: ProviderHealth };
  complete: boolean;
}

/**
 * What one llm, day or conversation (`key`) took, and how it went.
 *
 * `cost` in US dollars is of the calls with a known price; `unpriced_calls` have none. `llm_ms` is the time of the
 * calls, `elapsed_ms` that of the attempts, tools included. An attempt that waits for a person is neither completed
 * nor failed. `tool_calls` are those that ran.
 */
export interface UsageRow {
  key: string;
  calls?: number;
  prompt_tokens?: number;
  completion_tokens?: number;
  cost?: number;
  unpriced_calls?: number;
  llm_ms?: number;
  attempts?: number;
  completed?: number;
  failed?: number;
  elapsed_ms?: number;
  tool_calls?: number;
  tools_failed?: number;
  thumbs_up?: number;
  thumbs_down?: number;
}

/** Yours, most tokens first. `since` is a day of the server's, like 2026-01-31. `budgets` are those that are set. */
export interface UsageReport {
  by: UsageBy;
  since: string;
  rows: UsageRow[];
  budgets?: BudgetState[];
}

/** Milliseconds of `count` attempts: their mean, their median, and what 95 % of them do not exceed. */
export interface Elapsed {
  count?: number;
  mean?: number;
  p50?: number;
  p95?: number;
}

/**
 * What happened since a day of the server's, like 2026-01-31: your own, or everybody's.
 *
 * `turns` counts them by state. `cost` in US dollars is of the calls with a known price; `unpriced_calls` have none.
 */
export interface MetricsSummary {
  scope: "own" | "all";
  since: string;
  turns: { [name: string]: number };
  elapsed_ms: Elapsed;
  prompt_tokens: number;
  completion_tokens: number;
  cost: number;
  unpriced_calls: number;
  tool_calls: number;
  tools_failed: number;
  thumbs_up: number;
  thumbs_down: number;
  llms: UsageRow[];
  providers: { [name: string]: ProviderHealth };
}

/** One question for two different `llms`. */
export interface CompareRequest {
  text: string;
  llms: string[];
  context?: Context;
}

export interface ComparedCall {
  tool: string;
  ok: boolean;
  elapsed_ms: number;
}

/**
 * What one llm made of the question. `answered_by` differs from `llm` where another one stepped in.
 *
 * `waiting` is a state too: it asked something back, `asked`, and was stopped. `cost` is null when unknown.
 */
export interface Compared {
  llm: string;
  answered_by: string;
  conversation: ConversationId;
  turn: TurnId;
  state: TurnState;
  text?: string;
  asked?: string;
  fault?: FaultRecord | null;
  elapsed_ms?: number;
  prompt_tokens?: number;
  completion_tokens?: number;
  cost?: number | null;
  tool_calls?: ComparedCall[];
  notices?: string[];
}

/** One question on two llms, one after the other, each in a fresh conversation that only reads and predicts. */
export interface Comparison {
  text: string;
  answers: Compared[];
}

/** Requests for a person: those that wait, oldest first, then those that somebody has taken. */
export interface ExpertQueue {
  requests: HelpRequest[];
}

/**
 * What was found in a model file, without loading it: its `kind`, and what loading it would import.
 *
 * All empty for other files. `reasons` say why the `verdict` is not `safe_looking`.
 */
export interface Contents {
  kind?: string;
  verdict?: "" | "safe_looking" | "unknown_imports" | "dangerous";
  imports?: string[];
  reasons?: string[];
}

/**
 * A file that was sent to the server. `bytes` is its announced size, `received` what has arrived.
 *
 * One that is `receiving` is not whole: it can be gone on with from `received` on.
 */
export interface Upload {
  id: string;
  name: string;
  state: UploadState;
  bytes: number;
  received: number;
  created: number;
  sha256?: string;
  contents?: Contents;
  conversation?: string;
}

/** `largest` is how many bytes one more file may have now, `types` the endings that are taken. */
export interface UploadList {
  uploads: Upload[];
  largest?: number;
  types?: string[];
}

/** Events that are stored and numbered; the others are live only. */
export const DURABLE: ReadonlySet<ServerEvent["type"]> = new Set([
  "message",
  "turn.queued",
  "turn.started",
  "turn.waiting",
  "step.started",
  "step.ended",
  "text.snapshot",
  "tool.called",
  "tool.returned",
  "form.asked",
  "form.closed",
  "approval.asked",
  "approval.closed",
  "notice",
  "mode.changed",
  "conversation.changed",
  "conversation.deleted",
  "feedback.given",
  "evaluation",
  "review.asked",
  "review.closed",
  "experiment.assigned",
  "usage",
  "turn.ended",
  "referenced",
] as const);

export const MAX_COMMAND_BYTES = 1048576;
export const MAX_PICTURES = 4;
export const MAX_PICTURE_BYTES = 1048576;

/** Of a conversation's title, in characters. */
export const MAX_TITLE = 200;
