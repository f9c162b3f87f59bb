/** What the palette, the shortcuts, the launcher and the notebook's toolbar can do to the panel. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import type { Trans } from '../ui/trans';
import { chatIcon } from './icon';
import { type MLChatPanel, PANEL_ID } from './panel';

export const OPEN = 'mlchat:open';

export function addCommands(
  app: JupyterFrontEnd,
  panel: MLChatPanel,
  trans: Trans,
  palette: ICommandPalette | null,
  launcher: ILauncher | null
): void {
  const { commands, shell } = app;
  const show = (): void => shell.activateById(PANEL_ID);
  const collapse = (shell as JupyterFrontEnd.IShell & { collapseRight?: () => void }).collapseRight;

  commands.addCommand(OPEN, {
    label: trans.__('ML Chat'),
    caption: trans.__('Ask about the models and data of this notebook'),
    icon: chatIcon,
    execute: show
  });
  commands.addCommand('mlchat:toggle', {
    label: trans.__('Show or Hide ML Chat'),
    isToggled: () => panel.isVisible,
    execute: () => (panel.isVisible && collapse ? collapse.call(shell) : show())
  });
  commands.addCommand('mlchat:new', {
    label: trans.__('New Conversation'),
    execute: async () => {
      show();
      (await panel.handle()).begin();
    }
  });
  commands.addCommand('mlchat:stop', {
    label: trans.__('Stop the Answer'),
    isEnabled: () => panel.running(),
    execute: async () => (await panel.handle()).stop()
  });
  commands.addCommand('mlchat:page', {
    label: args => trans.__('Show a Page of the Chat: %1', args.page ?? ''),
    execute: async args => {
      show();
      (await panel.handle()).open(String(args.page ?? ''), String(args.about ?? ''));
    }
  });
  for (const command of [OPEN, 'mlchat:toggle', 'mlchat:new', 'mlchat:stop']) {
    palette?.addItem({ command, category: trans.__('ML Chat') });
  }
  launcher?.add({ command: OPEN, category: trans.__('Other'), rank: 100 });
}
