/** The plugin: one panel on the right and its commands, the same in JupyterLab and in Notebook 7. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { NotebookBringing } from './bringing';
import { addCommands } from './commands';
import { explainErrors } from './explaining';
import { labHost } from './host';
import { ActiveNotebook } from './notebook';
import { PAGES } from '../ui/sheets/pages';
import { MLChatPanel, PANEL_ID } from './panel';
import { labSettings } from './settings';
import { PanelSight } from './sight';
import { IMLChatParts } from './token';
import { serverTransport } from './transport';
import { OWN_KINDS } from '../ui/turns/parts';
import { partViews } from '../ui/turns/views';

export { IMLChatParts, type OtherProps, type OtherView } from './token';

const PLUGIN = 'jupyter-mlchat:plugin';

const plugin: JupyterFrontEndPlugin<IMLChatParts> = {
  id: PLUGIN,
  description: 'A chat that knows the fitted models in your kernel.',
  autoStart: true,
  provides: IMLChatParts,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ICommandPalette, ILauncher, ILayoutRestorer, ISettingRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    tracker: INotebookTracker | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ) => {
    const server = app.serviceManager.serverSettings;
    const trans = (translator ?? nullTranslator).load('jupyter_mlchat');
    const sight = new PanelSight();
    const notebook = new ActiveNotebook(tracker);
    const bringing = new NotebookBringing(notebook, tracker, () => app.shell.activateById(PANEL_ID));
    explainErrors(rendermime, bringing.explain, trans);
    const views = partViews(OWN_KINDS);
    const host = {
      ...labHost(rendermime, notebook, app.serviceManager),
      bringing,
      pages: PAGES,
      trans,
      views,
      sight,
      settings: labSettings(registry, PLUGIN)
    };
    const panel = new MLChatPanel(host, sight, () => serverTransport(server));
    // Notebook 7 lists the panels of its side bars by their labels; JupyterLab would write it on the tab.
    panel.title.label = app.name === 'JupyterLab' ? '' : trans.__('ML Chat');
    app.shell.add(panel, 'right', { rank: 900, type: 'ML Chat' });
    restorer?.add(panel, PANEL_ID);
    addCommands(app, panel, trans, palette, launcher);
    return views;
  }
};

export default plugin;
