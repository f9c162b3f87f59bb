/** What the page around the chat can do for it. An absent optional member hides its button. */
import type { SettingsStore } from './settings';
import type { Trans } from './trans';
import type { Api } from './wire/api';
import type { Sight } from './wire/idle';
import type { Context, ConversationId, KernelChanged, ServerEvent } from '../protocol.gen';

export interface KernelView {
  /** Empty where there is no kernel. */
  id: string;
  name: string;
  state: KernelChanged['state'] | 'none';
  /** A sentence for people; empty when the state says it all. */
  detail: string;
  /** What to call the notebook that is asked about; empty where there is none. */
  notebook: string;
}

export interface Host {
  /** Draw untrusted markdown into `target`, which is not in the page yet. `final`: nothing more will come to it. */
  renderMarkdown(target: HTMLElement, markdown: string, final: boolean): void | Promise<void>;
  /** Where a message written now would belong. */
  context(): Context;
  /** Calls `listener` when `context()` or `kernel()` has changed. Returns what ends it. */
  onContext(listener: () => void): () => void;
  kernel(): KernelView;
  insertCell?(code: string): void;
  replaceCell?(code: string): void;
  /** The event that a `referenced` one stands for. Rejects when it can't be had. */
  fetchBlob?(ref: string): Promise<ServerEvent>;
  /** The figure of a result as a `data:` address. Rejects when the kernel has it no longer. */
  fetchFigure?(kernel: string, ref: string): Promise<string>;
  /** Calls `listener` when the notebook of the context has another path. Returns what ends it. */
  onRename?(listener: (before: string, after: string) => void): () => void;
  /** Keep, or give, the conversation that belongs to no notebook and no kernel. */
  remember?(conversation: ConversationId): void;
  recall?(): ConversationId | null;
  /** The server's REST; a page that reaches its service through the kernel has none. */
  readonly api?: Api;
  readonly trans?: Trans;
  readonly settings?: SettingsStore;
  /** Without it the chat counts as seen. */
  readonly sight?: Sight;
}
