/** The panel of JupyterLab and Notebook 7. Nothing is connected before it is first seen. */
import { ReactWidget } from '@jupyterlab/apputils';
import type { Message } from '@lumino/messaging';
import * as React from 'react';
import { ChatApp } from '../ui/ChatApp';
import type { Handle } from '../ui/handle';
import type { Host } from '../ui/host';
import type { Transport } from '../ui/wire/transport';
import { chatIcon } from './icon';
import type { PanelSight } from './sight';

export const PANEL_ID = 'jupyter-mlchat-panel';

export class MLChatPanel extends ReactWidget {
  constructor(
    private readonly host: Host,
    private readonly sight: PanelSight,
    private readonly connect: () => Transport
  ) {
    super();
    this.id = PANEL_ID;
    this.addClass('mlc-panel');
    this.title.icon = chatIcon;
    this.title.caption = 'ML Chat';
  }

  /** What can be done to the chat, as soon as it is drawn. */
  handle(): Promise<Handle> {
    this.wake();
    return this.drawn ? Promise.resolve(this.drawn) : new Promise(resolve => this.waiting.push(resolve));
  }

  /** Is there something to stop? */
  running(): boolean {
    return this.drawn?.running() ?? false;
  }

  override dispose(): void {
    this.sight.dispose();
    this.transport?.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element | null {
    return this.transport && <ChatApp transport={this.transport} host={this.host} onHandle={this.take} />;
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.wake();
      this.sight.show(true);
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.wake();
    this.sight.show(true);
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.sight.show(false);
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this.wake();
    void this.handle().then(handle => handle.focus());
  }

  private wake(): void {
    if (!this.transport) {
      this.transport = this.connect();
      this.update();
    }
  }

  private readonly take = (handle: Handle | null): void => {
    this.drawn = handle;
    if (handle) {
      this.waiting.splice(0).forEach(resolve => resolve(handle));
    }
  };

  private transport: Transport | null = null;
  private drawn: Handle | null = null;
  private readonly waiting: ((handle: Handle) => void)[] = [];
}
