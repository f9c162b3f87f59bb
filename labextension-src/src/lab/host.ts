/** What JupyterLab and Notebook 7 do for the chat. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IRenderMime, IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ServiceManager } from '@jupyterlab/services';
import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { ServerEvent } from '../protocol.gen';
import { harmless } from '../ui/text/harmless';
import { localKeep } from '../ui/bringing/keep';
import type { Host } from '../ui/host';
import { type Display, pictureOf } from '../ui/turns/picture';
import { serverApi } from './api';
import { saveBeside } from './files';
import type { ActiveNotebook } from './notebook';
import { labSessions } from './sessions';

const MARKDOWN = 'text/markdown';

export function labHost(
  rendermime: IRenderMimeRegistry,
  notebook: ActiveNotebook,
  services: ServiceManager.IManager
): Host {
  const settings = services.serverSettings;
  const renderers = rendermime.clone({ sanitizer: strict(rendermime.sanitizer) });
  const memory = `jupyter-mlchat:${settings.baseUrl}`;

  const api = serverApi(settings);

  return {
    api,
    keep: localKeep(`${memory}:`),
    sessions: labSessions(services.sessions),
    saveBeside: (path, name, text) => saveBeside(services.contents, path, name, text),

    async renderMarkdown(target, markdown, final) {
      const renderer = renderers.createRenderer(MARKDOWN);
      await renderer.renderModel(renderers.createModel({ data: { [MARKDOWN]: markdown }, trusted: false }));
      if (final) {
        // Mathematics is typeset when a renderer is attached, and this one never is.
        MessageLoop.sendMessage(renderer, Widget.Msg.AfterAttach);
      }
      renderer.node.classList.add('jp-RenderedHTMLCommon');
      target.append(renderer.node);
    },

    context: () => notebook.context(),
    kernel: () => notebook.kernel(),

    onContext(listener) {
      const slot = (): void => listener();
      notebook.changed.connect(slot);
      return () => void notebook.changed.disconnect(slot);
    },

    onRename(listener) {
      const slot = (_: ActiveNotebook, { before, after }: { before: string; after: string }): void =>
        listener(before, after);
      notebook.renamed.connect(slot);
      return () => void notebook.renamed.disconnect(slot);
    },

    insertCell(code) {
      const { content } = open(notebook);
      const below = content.activeCellIndex + 1;
      // One change of the shared model: one undo takes it back.
      content.model?.sharedModel.insertCell(below, { cell_type: 'code', source: code, metadata: { trusted: true } });
      content.activeCellIndex = below;
      void content.scrollToItem(below).catch(() => undefined);
    },

    replaceCell(code) {
      const cell = open(notebook).content.activeCell;
      if (!cell || cell.model.getMetadata('editable') === false) {
        throw new Error('There is no cell to replace.');
      }
      cell.model.sharedModel.setSource(code);
    },

    fetchBlob: ref => api.request<ServerEvent>(['blobs', ref]),

    async fetchFigure(kernel, ref) {
      return pictureOf(await api.request<Display>(['kernels', kernel, 'displays', ref]));
    },

    remember(conversation) {
      try {
        window.localStorage.setItem(memory, conversation);
      } catch {
        // A browser that keeps nothing: after a reload it is another conversation.
      }
    },
    recall: () => window.localStorage.getItem(memory)
  };
}

/** The notebook's sanitizer, then ours: no image of another host is asked for, not even once. */
function strict(sanitizer: IRenderMime.ISanitizer): IRenderMime.ISanitizer {
  return {
    sanitize: (dirty, options) => harmless(sanitizer.sanitize(dirty, options)),
    getAutolink: () => sanitizer.getAutolink?.() ?? true,
    allowNamedProperties: false
  };
}

function open(notebook: ActiveNotebook): NotebookPanel {
  const { panel } = notebook;
  if (!panel) {
    throw new Error('No notebook is open.');
  }
  return panel;
}
