/** The notebook that is worked in, and its kernel. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import { PathExt } from '@jupyterlab/coreutils';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Context } from '../protocol.gen';
import type { KernelView } from '../ui/host';

const STATES: { readonly [status in Kernel.Status]?: Pick<KernelView, 'state' | 'detail'> } = {
  busy: { state: 'busy', detail: '' },
  idle: { state: 'idle', detail: '' },
  starting: { state: 'restarting', detail: 'starting' },
  restarting: { state: 'restarting', detail: '' },
  autorestarting: { state: 'restarting', detail: 'died; it is being restarted' },
  terminating: { state: 'dead', detail: 'being shut down' },
  dead: { state: 'dead', detail: '' }
};

export class ActiveNotebook {
  /** Without a tracker there is never a notebook. */
  constructor(private readonly tracker: INotebookTracker | null) {
    if (!tracker) {
      return;
    }
    tracker.forEach(panel => this.follow(panel));
    tracker.widgetAdded.connect((_, panel) => this.follow(panel));
    tracker.currentChanged.connect(() => (this.held && this.panel !== tracker.currentWidget ? this.tell() : this.followActive()));
    this.followed = tracker.currentWidget;
  }

  /** Another notebook, another kernel, or another state of it. */
  get changed(): ISignal<this, void> {
    return this.changedSignal;
  }

  /** A notebook has another path; it need not be the active one. */
  get renamed(): ISignal<this, { before: string; after: string }> {
    return this.renamedSignal;
  }

  /** The one that is asked about. */
  get panel(): NotebookPanel | null {
    return this.followed;
  }

  /** While held, another notebook that becomes active is not followed. */
  held = false;

  /** The active notebook where it is not the one that is asked about. */
  get elsewhere(): NotebookPanel | null {
    const active = this.tracker?.currentWidget ?? null;
    return active === this.followed ? null : active;
  }

  followActive(): void {
    this.followed = this.tracker?.currentWidget ?? null;
    this.tell();
  }

  context(): Context {
    const kernel = this.panel?.sessionContext.session?.kernel?.id;
    const notebook = this.panel?.context.localPath;
    return { ...(notebook ? { notebook } : {}), ...(kernel ? { kernel } : {}) };
  }

  kernel(): KernelView {
    const panel = this.panel;
    const kernel = panel?.sessionContext.session?.kernel;
    const notebook = panel ? PathExt.basename(panel.context.localPath) : '';
    if (!panel || !kernel) {
      const starts = panel && !panel.sessionContext.isReady && !panel.sessionContext.hasNoKernel;
      return { id: '', name: '', state: 'none', detail: starts ? 'the kernel is starting' : '', notebook };
    }
    const known = STATES[kernel.status] ?? { state: 'idle', detail: '' };
    const lost = kernel.connectionStatus !== 'connected' && known.state !== 'dead';
    const detail = lost ? 'not reached; the page is connecting to it' : known.detail;
    return { id: kernel.id, name: panel.sessionContext.kernelDisplayName, state: known.state, detail, notebook };
  }

  private follow(panel: NotebookPanel): void {
    const { sessionContext, context } = panel;
    const tell = (): void => {
      if (panel === this.panel) {
        this.changedSignal.emit();
      }
    };
    sessionContext.kernelChanged.connect(tell);
    sessionContext.statusChanged.connect(tell);
    sessionContext.connectionStatusChanged.connect(tell);
    void sessionContext.ready.then(tell, tell);
    panel.disposed.connect(() => {
      if (panel === this.panel) {
        this.followActive();
      }
    });
    let path = context.localPath;
    context.pathChanged.connect(() => {
      const before = path;
      path = context.localPath;
      if (before !== path) {
        this.renamedSignal.emit({ before, after: path });
        tell();
      }
    });
  }

  private readonly tell = (): void => this.changedSignal.emit();

  private followed: NotebookPanel | null = null;
  private readonly changedSignal = new Signal<this, void>(this);
  private readonly renamedSignal = new Signal<this, { before: string; after: string }>(this);
}
