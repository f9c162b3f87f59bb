/** What the notebook that is asked about can bring to the chat: its cells, and what is in them. */
import type { Cell, CodeCell } from '@jupyterlab/cells';
import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { IOutputModel } from '@jupyterlab/rendermime';
import type { Attached } from '../ui/bringing/attached';
import type { Bringing } from '../ui/host';
import type { ActiveNotebook } from './notebook';

export const ERROR = 'application/vnd.jupyter.error';
const PICTURES = ['image/png', 'image/jpeg', 'image/gif'];
/** Of a cell or an error so much is shown. */
const MOST_SHOWN = 20_000;
// eslint-disable-next-line no-control-regex
const COLOURS = /\u001b\[[0-9;]*m/g;

export class NotebookBringing implements Bringing {
  /** `show` brings the chat to the front. */
  constructor(
    private readonly notebook: ActiveNotebook,
    private readonly tracker: INotebookTracker | null,
    private readonly show: () => void
  ) {}

  cells(): ReturnType<Bringing['cells']> {
    return codeCells(this.notebook.panel).map(({ model }) => ({
      id: model.id,
      number: model.executionCount,
      line: model.sharedModel.getSource().trimStart().split('\n', 1)[0].slice(0, 80)
    }));
  }

  offers(): Attached[] {
    const { panel } = this.notebook;
    const all = codeCells(panel);
    const active = all.find(cell => cell === panel?.content.activeCell);
    const failed = [active, ...all.reverse()].find(cell => cell && errorOf(cell));
    return [
      active && selectionOf(active),
      active && cellOf(active),
      failed && errorOf(failed),
      active && figureOf(active)
    ].filter(one => one !== undefined);
  }

  reveal(id: string): void {
    const { panel } = this.notebook;
    const at = panel?.content.widgets.findIndex(cell => cell.model.id === id) ?? -1;
    if (panel && at >= 0) {
      panel.content.activeCellIndex = at;
      void panel.content.scrollToItem(at).catch(() => undefined);
    }
  }

  hold(on: boolean): void {
    this.notebook.held = on;
  }

  elsewhere(): string {
    const panel = this.notebook.elsewhere;
    return panel ? PathExt.basename(panel.context.localPath) : '';
  }

  follow(): void {
    this.notebook.followActive();
  }

  onExplain(listener: (error: Attached) => void): () => void {
    this.listeners.add(listener);
    this.waiting.splice(0).forEach(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Explain the error that is shown at `node`, in whatever notebook that is. */
  readonly explain = (node: Node): void => {
    const panel = this.tracker?.find(one => one.node.contains(node));
    const cell = codeCells(panel ?? null).find(one => one.node.contains(node));
    const error = cell && errorOf(cell);
    if (!panel || !error) {
      return;
    }
    if (panel !== this.notebook.panel) {
      this.notebook.followActive();
    }
    this.show();
    if (this.listeners.size) {
      this.listeners.forEach(listener => listener(error));
    } else {
      // The chat was never shown before.
      this.waiting.push(error);
    }
  };

  private readonly listeners = new Set<(error: Attached) => void>();
  private readonly waiting: Attached[] = [];
}

function codeCells(panel: NotebookPanel | null): CodeCell[] {
  return (panel?.content.widgets ?? []).filter((cell: Cell): cell is CodeCell => cell.model.type === 'code');
}

/** What is selected in the cell's code. Outputs hold values, which leave by no selection. */
function selectionOf({ model, editor }: CodeCell): Attached | undefined {
  const range = editor?.getSelection();
  const [from, to] = range && editor ? [range.start, range.end].map(at => editor.getOffsetAt(at)).sort((a, b) => a - b) : [0, 0];
  const quote = model.sharedModel.getSource().slice(from, to);
  return quote.trim() ? { ...about(model), kind: 'selection', quote, text: quote } : undefined;
}

/** By its number where it has run as it is; else the kernel does not know it. */
function cellOf({ model }: CodeCell): Attached | undefined {
  const source = model.sharedModel.getSource();
  if (!source.trim()) {
    return undefined;
  }
  const known = model.executionCount && !model.isDirty;
  const way = known ? { ref: `In[${model.executionCount}]` } : { quote: source };
  return { ...about(model), ...way, kind: 'cell', text: source.slice(0, MOST_SHOWN) };
}

function errorOf({ model }: CodeCell): Attached | undefined {
  const output = outputsOf(model).find(one => one.type === 'error');
  if (!output) {
    return undefined;
  }
  const { traceback = [], ename = '', evalue = '' } = output.toJSON() as { traceback?: string[]; ename?: string; evalue?: string };
  const text = (traceback.join('\n') || `${ename}: ${evalue}`).replace(COLOURS, '').slice(-MOST_SHOWN);
  return { ...about(model), kind: 'error', ref: `error in In[${model.executionCount ?? ''}]`, text };
}

function figureOf({ model }: CodeCell): Attached | undefined {
  for (const output of outputsOf(model).reverse()) {
    const type = PICTURES.find(one => typeof output.data[one] === 'string');
    if (type && model.executionCount) {
      const picture = `data:${type};base64,${String(output.data[type]).replace(/\s/g, '')}`;
      return { ...about(model), kind: 'figure', ref: `figure of In[${model.executionCount}]`, picture };
    }
  }
  return undefined;
}

const about = (model: CodeCell['model']): Pick<Attached, 'cell' | 'number'> => ({
  cell: model.id,
  number: model.executionCount
});

function outputsOf({ outputs }: CodeCell['model']): IOutputModel[] {
  return Array.from({ length: outputs.length }, (_, at) => outputs.get(at));
}
