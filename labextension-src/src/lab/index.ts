/** The plugin: one panel on the right, two commands, the same in JupyterLab and in Notebook 7. */
import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { labHost } from './host';
import { chatIcon } from './icon';
import { ActiveNotebook } from './notebook';
import { MLChatPanel, PANEL_ID } from './panel';
import { serverTransport } from './transport';

const NAME = 'ML Chat';
const OPEN = 'mlchat:open';
const TOGGLE = 'mlchat:toggle';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-mlchat:plugin',
  description: 'A chat that knows the fitted models in your kernel.',
  autoStart: true,
  requires: [IRenderMimeRegistry],
  optional: [INotebookTracker, ICommandPalette, ILauncher, ILayoutRestorer],
  activate: (
    app: JupyterFrontEnd,
    rendermime: IRenderMimeRegistry,
    tracker: INotebookTracker | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    restorer: ILayoutRestorer | null
  ) => {
    const settings = app.serviceManager.serverSettings;
    const host = labHost(rendermime, new ActiveNotebook(tracker), settings);
    const panel = new MLChatPanel(host, () => serverTransport(settings));
    // Notebook 7 lists the panels of its side bars by their labels; JupyterLab would write it on the tab.
    panel.title.label = app.name === 'JupyterLab' ? '' : NAME;
    app.shell.add(panel, 'right', { rank: 900, type: NAME });
    restorer?.add(panel, PANEL_ID);

    app.commands.addCommand(OPEN, {
      label: NAME,
      caption: 'Ask about the models and data of your notebook',
      icon: chatIcon,
      execute: () => app.shell.activateById(PANEL_ID)
    });
    app.commands.addCommand(TOGGLE, {
      label: 'Show or Hide ML Chat',
      isToggled: () => panel.isVisible,
      execute: () => {
        const shell = app.shell as JupyterFrontEnd.IShell & { collapseRight?: () => void };
        if (panel.isVisible && shell.collapseRight) {
          shell.collapseRight();
        } else {
          shell.activateById(PANEL_ID);
        }
      }
    });
    for (const command of [OPEN, TOGGLE]) {
      palette?.addItem({ command, category: NAME });
    }
    launcher?.add({ command: OPEN, category: 'Other', rank: 100 });
  }
};

export default plugin;
