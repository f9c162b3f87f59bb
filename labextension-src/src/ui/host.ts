/** What the page around the chat can do for it. An absent optional member hides its button. */
import type { Attached } from './bringing/attached';
import type { SheetSpec } from './sheets/sheets';
import type { SettingsStore } from './settings';
import type { Trans } from './trans';
import type { PartViews } from './turns/views';
import type { Api } from './wire/api';
import type { Sight } from './wire/idle';
import type { Context, ConversationId, KernelChanged, KernelId, ServerEvent } from '../protocol.gen';

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

/** A code cell of the notebook. */
export interface Cell {
  id: string;
  /** Null when it has not run. */
  number: number | null;
  /** Its first line. */
  line: string;
}

/** What a page around the chat can bring to it from the notebook that is asked about. */
export interface Bringing {
  cells(): readonly Cell[];
  /** What can be attached now: of each kind one at most. */
  offers(): readonly Attached[];
  reveal(cell: string): void;
  /** Calls `listener` when an explanation is wanted of an error in the notebook. Returns what ends it. */
  onExplain(listener: (error: Attached) => void): () => void;
  /** While held, another notebook that becomes active changes nothing. */
  hold(on: boolean): void;
  /** The active notebook where another one is asked about, else empty. */
  elsewhere(): string;
  /** Ask about the active notebook. */
  follow(): void;
}

/** A little room for texts that survive a reload. */
export interface Keep {
  get(name: string): string | null;
  /** An empty value is removed. */
  set(name: string, value: string): void;
}

/** The kernels of notebooks, also of those that are not worked in. */
export interface Sessions {
  /** Empty where the notebook has none. */
  kernelOf(notebook: string): KernelId | '';
  onChange(listener: () => void): () => void;
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
  /** Keep a notebook file in the folder of `notebook`, under a name that is free. Gives its path. */
  saveBeside?(notebook: string, name: string, text: string): Promise<string>;
  readonly sessions?: Sessions;
  /** Keep, or give, the conversation that belongs to no notebook and no kernel. */
  remember?(conversation: ConversationId): void;
  recall?(): ConversationId | null;
  /** The server's REST; a page that reaches its service through the kernel has none. */
  readonly api?: Api;
  readonly bringing?: Bringing;
  readonly keep?: Keep;
  readonly trans?: Trans;
  /** Pages beside those that every chat has. */
  readonly pages?: readonly SheetSpec[];
  /** How others draw kinds of parts that the chat does not know. */
  readonly views?: PartViews;
  readonly settings?: SettingsStore;
  /** Without it the chat counts as seen. */
  readonly sight?: Sight;
}
