/** What a notebook's output can do for the chat, wherever it is shown. It reaches no cells. */
import type { Context, ServerEvent } from '../protocol.gen';
import type { Host, KernelView } from '../ui/host';
import { type Display, pictureOf } from '../ui/turns/picture';
import { PAGES } from '../ui/sheets/pages';
import { localKeep } from '../ui/bringing/keep';
import { figureOf } from './figure';
import { renderMarkdown } from './markdown';
import { Mathematics } from './mathematics';
import type { Model } from './model';
import type { Silence } from './relay';
import type { Server } from './server';

const BUSY = 'does not answer: a cell is running (your message waits), or it was restarted (run this cell again)';

export class WidgetHost implements Host {
  constructor(
    private readonly model: Model,
    private readonly server: Server | null
  ) {}

  renderMarkdown(target: HTMLElement, markdown: string): void {
    renderMarkdown(target, markdown);
    this.mathematics.typeset(target);
  }

  readonly api = this.server?.api;
  // Those that need the server are not listed without it.
  readonly pages = PAGES;

  // A panel beside it has drafts of its own.
  readonly keep = this.server ? localKeep(`jupyter-mlchat:widget:${document.baseURI.split('?')[0]}:`) : undefined;

  readonly fetchBlob = this.api ? (ref: string) => this.api!.request<ServerEvent>(['blobs', ref]) : undefined;

  readonly fetchFigure = async (kernel: string, ref: string): Promise<string> => {
    return pictureOf(
      this.api ? await this.api.request<Display>(['kernels', kernel, 'displays', ref]) : await figureOf(this.model, ref)
    );
  };

  context(): Context {
    return {
      notebook: this.server?.notebook ?? '',
      // Over the kernel the service knows which one it is, whatever is said here.
      kernel: this.model.get('kernel') || 'this kernel',
      attached: this.model.get('models').map(card => card.ref)
    };
  }

  onContext(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  kernel(): KernelView {
    const { silence, server } = this;
    const refused = typeof silence === 'object';
    return {
      id: server || silence === 'none' ? this.model.get('kernel') : '',
      name: '',
      state: refused ? 'none' : silence === 'busy' ? 'busy' : 'attached',
      detail: refused ? silence.refused : silence === 'busy' ? BUSY : '',
      notebook: server?.notebook ?? 'This notebook'
    };
  }

  readonly report = (silence: Silence): void => {
    if (silence !== this.silence) {
      this.silence = silence;
      this.listeners.forEach(listener => listener());
    }
  };

  private readonly mathematics = new Mathematics(this.model);
  private silence: Silence = 'none';
  private readonly listeners = new Set<() => void>();
}
